from .clients import CLIENTS as CLIENTS, find_client as find_client, find_provider as find_provider
from .harness import (
    CHECK_SECONDS as CHECK_SECONDS,
    File as File,
    Files as Files,
    Harness as Harness,
    Output as Output,
    OverBudget as OverBudget,
    Task as Task,
    Unavailable as Unavailable,
    ask as ask,
    find_harness as find_harness,
    fresh_folder as fresh_folder,
    run_task as run_task,
)
from .meter import Price as Price, Provider as Provider, price_of as price_of
from .sandbox import (
    Isolation as Isolation,
    Sandbox as Sandbox,
    execute as execute,
    find_isolation as find_isolation,
    isolations_here as isolations_here,
)
