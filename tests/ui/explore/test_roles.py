"""What the grid gives each generator, and what is left to ask for: the toys' and the bundled plugins'."""

from __future__ import annotations

import pytest

from studio.host.plugins import PluginHost
from studio.ui.explore.roles import Role, roles_of


@pytest.fixture(scope="module")
def roles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Role]]:
    """By explorer and role, of the bundled plugins."""
    host = PluginHost(folder=tmp_path_factory.mktemp("plugins"), disabled=(), safe_mode=True)
    host.load()
    return {spec.id: roles_of(spec, host.generators) for spec in host.explorers}


def _asked(role: Role) -> set[str]:
    return {field.name for field in role.asked}


def test_faces_have_every_role(roles: dict[str, dict[str, Role]]) -> None:
    faces = roles["faces.explore"]
    assert set(faces) == {"sample", "vary", "mix", "edit", "between", "walk", "project"}
    assert [faces[role].least for role in ("vary", "mix", "walk", "between")] == [1, 2, 2, 2]
    assert faces["mix"].suits(2)
    assert not faces["mix"].suits(3)
    assert faces["walk"].suits(5)
    assert faces["project"].suits(0)
    assert faces["project"].suits(3)


def test_head_asks_for_all_but_the_count(roles: dict[str, dict[str, Role]]) -> None:
    sample = roles["faces.explore"]["sample"]
    assert "count" not in _asked(sample)
    assert {"model", "seed", "truncation_psi", "attributes"} <= _asked(sample)


def test_cards_ask_for_what_neither_grid_nor_head_says(roles: dict[str, dict[str, Role]]) -> None:
    faces = roles["faces.explore"]
    assert _asked(faces["mix"]) == {"layers", "amount"}
    assert {"format", "closed", "easing"} <= _asked(faces["walk"])
    assert not _asked(faces["walk"]) & {"faces", "seeds", "count", "model", "truncation_psi"}
    assert {"model", "truncation_psi", "noise"} <= set(faces["mix"].shared)
    assert "picture" in _asked(faces["project"])
    assert "model" not in _asked(faces["project"])


def test_edit_leaves_the_sliders_and_where_they_act(roles: dict[str, dict[str, Role]]) -> None:
    edit = roles["faces.explore"]["edit"]
    assert edit.weights is not None
    assert _asked(edit) == {edit.weights.name, "layers"}


def test_chosen_ones_go_into_the_field_for_several_or_one(
    roles: dict[str, dict[str, Role]],
) -> None:
    faces = roles["faces.explore"]
    assert faces["mix"].inputs(["a", "b"]) == {"faces": ("a", "b")}
    assert faces["vary"].inputs(["a"]) == {"face": ("a",)}
    assert faces["project"].inputs(["a"]) == {}


def test_morphs_of_the_grid_need_no_pictures(roles: dict[str, dict[str, Role]]) -> None:
    morphs = roles["morph.explore"]
    assert "sample" not in morphs
    for role in ("mix", "walk", "between", "vary"):
        assert not _asked(morphs[role]) & {"pictures", "picture", "latents", "latent", "model"}
    assert "weights" not in _asked(morphs["mix"])  # they are about pictures that aren't asked for
    assert morphs["mix"].suits(5)
    assert _asked(morphs["project"]) >= {"picture", "model"}
