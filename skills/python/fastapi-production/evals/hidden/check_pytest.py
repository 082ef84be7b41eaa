import subprocess
import sys

ran = subprocess.run(
    [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "test_prices.py"],
    capture_output=True,
    text=True,
)
assert ran.returncode == 0, ran.stdout
assert "7 passed" in ran.stdout, ran.stdout
