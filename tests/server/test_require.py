"""`require`, on which every skipped test depends: missing is a skip, missing and named is a failure."""

import pytest


@pytest.mark.parametrize("named", ["", "other", "things"])
def test_missing(require, monkeypatch, named):
    monkeypatch.setenv("NEARSIDE_REQUIRE", named)
    with pytest.raises(pytest.skip.Exception, match="needs thing: none here"):
        require("thing", present=False, why="none here")


def test_missing_and_named(require, monkeypatch):
    monkeypatch.setenv("NEARSIDE_REQUIRE", "other, thing")
    with pytest.raises(pytest.fail.Exception, match="NEARSIDE_REQUIRE"):
        require("thing", present=False)


@pytest.mark.parametrize("named", ["", "thing"])
def test_present(require, monkeypatch, named):
    monkeypatch.setenv("NEARSIDE_REQUIRE", named)
    require("thing", present=True)


def test_the_network_is_used_only_where_it_is_required(require, monkeypatch):
    monkeypatch.setenv("NEARSIDE_REQUIRE", "network")
    require("network")
    monkeypatch.delenv("NEARSIDE_REQUIRE")
    with pytest.raises(pytest.skip.Exception):
        require("network")
