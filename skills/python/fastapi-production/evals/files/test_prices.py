import pytest

RATES = {"CHF": 100, "EUR": 94, "USD": 88}


def pairs():
    yield from RATES.items()


@pytest.mark.parametrize(("name", "rate"), pairs())
def test_rate(name, rate):
    assert RATES[name] == rate


@pytest.mark.parametrize("rate", (rate for rate in RATES.values()))
def test_positive(rate):
    assert rate > 0


class TestBook:
    @pytest.fixture(scope="class", autouse=True)
    def book(self):
        self.prices = dict(RATES)
        yield
        self.prices.clear()

    @pytest.fixture(scope="class")
    def names(self, book):
        return sorted(RATES)

    def test_names(self, names):
        assert names == ["CHF", "EUR", "USD"]
