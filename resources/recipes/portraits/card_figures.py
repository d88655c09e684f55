"""A card's paragraphs and tables of figures, from the measured JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Figures = Mapping[str, Any]


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def table(head: list[str], rows: list[list[str]]) -> str:
    """In Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def paragraphs(name: str, figures: Figures) -> list[str]:
    """What was measured of the model, and with which judge."""
    judge = figures["recipe"]["judge"]["accuracy"]
    worst = min(judge, key=lambda attribute: judge[attribute])
    said = (
        "Attributes are read by a small classifier that was trained on renders only and is right in "
        f"{percent(judge[worst])} of test renders or more (the least: {worst}). KID and FID use its 256 "
        "features, not Inception's: compare them only with figures of the same judge."
    )
    of = {
        "portrait-vae": _of_vae, "portrait-diffusion": _of_diffusion, "portrait-draft": _of_diffusion,
        "portrait-gan": _of_gan,
    }  # fmt: skip
    return [said, *of[name](figures)]


def _of_vae(figures: Figures) -> list[str]:
    quality, legible = figures["psnr_db"], figures["legible"]
    edges = figures["edges"]["reconstructions"] / figures["edges"]["renders"]
    rows = [
        [name, percent(figures["accuracy_of_renders"][name]["read_back"]),
         percent(figures["accuracy_of_reconstructions"][name]["read_back"]), percent(share)]
        for name, share in legible.items()
    ]  # fmt: skip
    return [
        f"On {figures['test_portraits']:,} test portraits: PSNR {quality['mean']:.2f} dB on average, "
        f"{quality['5_percent']:.2f} dB or more for 95 %. All edges together, those of mottle "
        f"included, are {percent(edges)} as strong as the renders' ones.",
        table(
            ["attribute", "read in renders", "in reconstructions", "of those legible before"], rows
        ),
        _distances(figures["distances"]),
    ]


def _of_diffusion(figures: Figures) -> list[str]:
    runs: Figures = figures["runs"]
    names = list(next(iter(runs.values()))["accuracy"])
    said = [
        "Share of pictures in which the classifier reads what the free caption names:",
        table(
            ["run", "pictures", *names],
            [
                [run, str(one["pictures"]), *(_share(one["accuracy"], name) for name in names)]
                for run, one in runs.items()
            ],
        ),
    ]
    for name in ("mouth", "extra"):
        said += _by_value(name, runs)
    for run, one in runs.items():
        if "distances" in one:
            said.append(f"{run}: {_distances(one['distances'])}")
        if "beside" in one:
            near = one["beside"]["kid"]
            said.append(
                f"The same captions, {one['beside']['run']}, {one['beside']['pictures']:,} pictures: KID "
                f"{near['mean']:.4f} ± {near['deviation']:.4f}."
            )
    return said + _neighbours(figures)


def _by_value(name: str, runs: Figures) -> list[str]:
    """An attribute's shares by value, a row a run; nothing where no run has them."""
    told = {run: one["accuracy"].get(name, {}).get("by_value", {}) for run, one in runs.items()}
    values = sorted({value for shares in told.values() for value in shares})
    rows = [
        [run, *(percent(shares[value]) if value in shares else "–" for value in values)]
        for run, shares in told.items()
        if shares
    ]
    return (
        [f"{name.capitalize()}, by what is asked:", table(["run", *values], rows)] if rows else []
    )


def _share(accuracy: Figures, name: str) -> str:
    return percent(accuracy[name]["read_back"]) if name in accuracy else "–"


def _of_gan(figures: Figures) -> list[str]:
    twins = figures["duplicates"]
    rows = [[n, f"{points:.1f}"] for n, points in figures["greatest_difference_in_points"].items()]
    return [
        f"{figures['pictures']:,} seeds at truncation {figures['psi']:g}. How far the share of one value is "
        "from the data's, at most, in points of a hundred:",
        table(["attribute", "points"], rows),
        f"Of {twins['seeds']} seeds {twins['pairs']} pairs are nearly equal: nearer than "
        f"{twins['threshold']:.2f}, where {twins['threshold_is']}; the closest are "
        f"{twins['closest']:.2f} apart.",
        _distances(figures["distances"]),
        *_neighbours(figures),
    ]


def _distances(found: Figures) -> str:
    ours, real = found["kid"], found["kid_of_training_renders"]
    return (
        f"KID {ours['mean']:.4f} ± {ours['deviation']:.4f} (training renders: {real['mean']:.4f} ± "
        f"{real['deviation']:.4f}), FID {found['fid']:.2f} (training renders: "
        f"{found['fid_of_training_renders']:.2f}), {found['pictures'][0]:,} pictures against "
        f"{found['pictures'][1]:,} test renders."
    )


def _neighbours(figures: Figures) -> list[str]:
    if "neighbours" not in figures:
        return []
    near = figures["neighbours"]["as_near_as_a_copy"]
    return [
        f"Does it only remember? {percent(near['made'])} of {figures['neighbours']['pictures']:,} made "
        "pictures are as near to a training render as 95 % of copies are (training renders sent through the "
        f"autoencoder); of test renders, which nobody could remember, {percent(near['test_renders'])}."
    ]
