"""Each skill's evals and triggers have their schemas' form, and its description draws the prompts that are meant for it."""

from __future__ import annotations

import pytest

from skill_fleet.fleet import load_schema, violations
from skills.bm25 import Ranking
from skills.product import Product, products

NINE_OF_TEN = 0.9


@pytest.fixture(scope="module")
def ranking() -> Ranking:
    return Ranking({product.id: product.description for product in products()})


@pytest.mark.parametrize("name", ["evals", "triggers"])
def test_each_schema_is_one(name: str) -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(load_schema(name))


@pytest.mark.parametrize("product", products(), ids=lambda product: product.id)
@pytest.mark.parametrize("name", ["evals", "triggers"])
def test_the_file_has_its_form(product: Product, name: str) -> None:
    assert not list(violations(name, product.data(name)))


@pytest.mark.parametrize("product", products(), ids=lambda product: product.id)
def test_the_tasks_can_be_run(product: Product) -> None:
    data = product.data("evals")
    evals = data["evals"]
    assert data["skill_name"] == product.folder.name
    assert len(evals) >= 5
    assert len({each["id"] for each in evals}) == len(evals)
    assert all((product.folder / file).is_file() for each in evals for file in each["files"])


@pytest.mark.parametrize("product", products(), ids=lambda product: product.id)
def test_the_description_draws_its_prompts(product: Product, ranking: Ranking) -> None:
    prompts = [each["query"] for each in product.data("triggers") if each["should_trigger"]]
    first = {prompt: next((key for key, _ in ranking.rank(prompt)), "") for prompt in prompts}
    lost = {prompt: key for prompt, key in first.items() if key != product.id}
    assert len(lost) <= (1 - NINE_OF_TEN) * len(prompts) + 1e-9, lost


@pytest.mark.parametrize("product", products(), ids=lambda product: product.id)
def test_the_description_leaves_near_misses_alone(product: Product, ranking: Ranking) -> None:
    prompts = [each["query"] for each in product.data("triggers") if not each["should_trigger"]]
    stolen = [prompt for prompt in prompts if [key for key, _ in ranking.rank(prompt)][:1] == [product.id]]
    assert not stolen


def test_no_prompt_is_meant_for_two_skills() -> None:
    prompts = [each["query"] for product in products() for each in product.data("triggers") if each["should_trigger"]]
    assert len(set(prompts)) == len(prompts)
