"""Write the models' cards: python cards.py [NAME …]. No figure is typed; all come from the measured JSON.

Takes figures/NAME.json and sheets/NAME*.png from the training folder into resources/models/NAME/ (with the
recipe's commit), and writes README.md there from what now lies in the folder, so that a card can be checked
against its figures at any time (`card`). The program shows the front matter's `license:` and the lines that
begin with "Limits:", and takes `inference: parameters:` for its defaults.
"""

from __future__ import annotations

import argparse
import json
import shutil
import struct
import subprocess
from math import prod
from pathlib import Path

from card_figures import Figures, paragraphs

HERE = Path(__file__).resolve().parent
MODELS = HERE.parents[1] / "models"

ABOUT = {
    "portrait-vae": (
        "An autoencoder of drawn portraits: a picture to a small latent and back. Morphs are made in its "
        "latents, and the other portrait models work in them.",
        "a diffusers `AutoencoderKL`",
    ),
    "portrait-diffusion": (
        "Makes a drawn portrait from words, in English or Chinese: skin, hair, expression, glasses, beard, "
        "earrings, flowers, freckles, clothes, background; leave out what you don't mind.",
        "a Stable-Diffusion-format folder of diffusers: UNet, CLIP text encoder and tokenizer, both trained "
        "with it from nothing, and the portrait autoencoder",
    ),
    "portrait-draft": (
        "The picture model for drafts: the same portraits from words in four steps instead of twenty, and "
        "without guidance.",
        "portrait-diffusion's folder with another UNet, which learned to go in one step where "
        "portrait-diffusion goes in four guided ones",
    ),
    "portrait-gan": (
        "Makes drawn faces from seeds, to mix, edit and morph.",
        "a StyleGAN2 generator (after Karras et al. 2020, written from the papers) that makes latents of the "
        "portrait autoencoder, whose decoder is its last stage",
    ),
}  # fmt: skip
LIMITS = {
    "portrait-vae": (
        "It knows drawn portraits of one style only; photos and other drawings come back changed.",
        "Made for 128 × 128 pixels; larger pictures are coded in tiles or made smaller first.",
    ),
    "portrait-diffusion": (
        "It draws portraits only; a castle becomes a portrait.",
        "It knows a small vocabulary, English and Chinese; unknown words are passed over.",
        "Made for 128 × 128 pixels.",
    ),
    "portrait-draft": (
        "It draws portraits only; a castle becomes a portrait.",
        "Made for four steps and a guidance of 1, and for 128 × 128 pixels; other settings make it worse.",
    ),
    "portrait-gan": (
        "It draws faces of one style only, at 128 × 128 pixels.",
        "Photos put into it come back as drawings that resemble them little.",
    ),
}
RECOMMENDED = {
    "portrait-diffusion": {"num_inference_steps": 20, "guidance_scale": 3},
    "portrait-draft": {"num_inference_steps": 4, "guidance_scale": 1},
}
"""How a picture model wants to be used, as the Hub's cards say it; the program takes it for its defaults."""
WORDS = {
    "mouth": "expression", "extra": "flowers, earrings and freckles", "hair_colour": "hair colour",
    "clothes_colour": "colour of clothes",
}  # fmt: skip
"""An attribute's name for those who read."""
SHEETS = {
    "": "Samples",
    "-morphs": "Morphs",
    "-neighbours": "The made pictures nearest to training renders, over those renders",
    "-distances": "Distance to the nearest training render",
}
"""A sheet's file name behind the model's name, and what it shows."""


def tensors(folder: Path) -> tuple[int, int]:
    """Parameters of all safetensors files in a folder (from their headers), and the files' bytes."""
    parameters = size = 0
    for path in sorted(folder.rglob("*.safetensors")):
        size += path.stat().st_size
        with path.open("rb") as file:
            header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        parameters += sum(prod(t["shape"]) for name, t in header.items() if name != "__metadata__")
    return parameters, size


def card(folder: Path, figures: Figures) -> str:
    """The whole README.md of a model's folder; the same for the same folder and figures."""
    name = folder.name
    about, architecture = ABOUT[name]
    parameters, size = tensors(folder)
    library = "folio" if name == "portrait-gan" else "diffusers"
    shown = {end: text for end, text in SHEETS.items() if (folder / f"{name}{end}.png").exists()}
    pictures = {end: f"![{text}]({name}{end}.png)" for end, text in shown.items()}
    parts = [
        f"---\nlicense: mit\nlibrary_name: {library}\n{_recommended(name)}---",
        f"# {name}\n\n{about}",
        pictures.pop("", ""),
        f"## What it is\n\nIt is {architecture}. {parameters / 1e6:.2f} million parameters, "
        f"{size / 1e6:.1f} MB, float16. {_shape(folder)}",
        _origin(figures),
        "## Figures",
        *paragraphs(name, figures),
        *(f"{picture}\n\n{shown[end]}." for end, picture in pictures.items()),
        "## Limits\n\n"
        + "\n".join(f"Limits: {text}" for text in [*_misses(figures), *LIMITS[name]]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _recommended(name: str) -> str:
    """The front matter's lines on how to use it; the widget of the Hub reads them too."""
    said = RECOMMENDED.get(name)
    if said is None:
        return ""
    lines = "".join(f"    {key}: {value}\n" for key, value in said.items())
    return f"inference:\n  parameters:\n{lines}"


def _misses(figures: Figures) -> list[str]:
    """The attributes that come out as asked in fewer than four of five pictures, as one limit."""
    runs = list(figures.get("runs", {}).values())
    said = runs[0]["accuracy"] if runs else {}
    weak = {name: of["read_back"] for name, of in said.items() if of["read_back"] < 0.8}
    if not weak:
        return []
    listed = ", ".join(f"{WORDS.get(name, name)} ({share:.0%})" for name, share in weak.items())
    return [f"An early model: it often misses what is asked. Right of the pictures: {listed}."]


def _shape(folder: Path) -> str:
    """One sentence per config, of the sizes that matter."""
    wanted = {
        "block_out_channels": "channels", "latent_channels": "latent channels",
        "layers_per_block": "layers a block",
        "cross_attention_dim": "width of attention", "hidden_size": "width", "num_hidden_layers": "layers",
        "resolution": "side", "z_dim": "z", "w_dim": "w", "prediction_type": "predicts",
    }  # fmt: skip
    found = []
    for path in sorted(folder.rglob("*config.json")):
        if path.parent != folder and path.parent.name == "tokenizer":
            continue
        values = json.loads(path.read_text(encoding="utf-8"))
        said = [
            f"{text} {values[key]}" for key, text in wanted.items() if values.get(key) is not None
        ]
        if said:
            title = (
                values.get("_class_name") or (values.get("architectures") or [path.parent.name])[0]
            )
            found.append(f"{title}: {', '.join(said)}.")
    return " ".join(found)


def _origin(figures: Figures) -> str:
    recipe, trained = figures["recipe"], figures["trained"]
    machine = figures["measured_on"]
    minutes = trained.get("minutes")
    text = (
        "## Data, licences, training\n\n"
        "Faces by DiceBear's **Lorelei by Lisa Wischofsky, CC0 1.0** (DiceBear's code: MIT, not part of the "
        "weights); shoulders and backgrounds are the project's own drawings, MIT. No photo, no person's "
        "likeness, nothing else was learned from. "
        f"{_learned_from(figures)} trained it, {recipe['portraits'].get('test', 0):,} others tested it. "
        "The weights are the project's, MIT.\n\n"
        f"Recipe: `resources/recipes/portraits` at commit {recipe['commit']}."
    )
    if minutes is not None:
        text += f" Trained {minutes:g} minutes, {trained.get('steps', 0):,} steps"
        after = figures.get("trained_decoder", {}).get("minutes")
        text += f", the decoder {after:g} minutes more" if after is not None else ""
        text += (
            f", on a machine with {machine['cores']} cores "
            f"({machine['processor']}, {machine['instructions']}, no graphics card)."
        )
    return text


def _learned_from(figures: Figures) -> str:
    trained = figures["trained"]
    if "ways" in trained:
        return f"{trained['ways']:,} of portrait-diffusion's own ways from noise to portrait"
    return f"{trained.get('portraits', figures['recipe']['portraits'].get('train', 0)):,} portraits"


def gather(name: str, work: Path) -> None:
    """Figures, sheets and the recipe's commit into the model's folder; then the card."""
    folder = MODELS / name
    figures = json.loads((work / "figures" / f"{name}.json").read_text(encoding="utf-8"))
    command = ["git", "log", "-1", "--format=%h", "--", "."]
    commit = subprocess.run(
        command, cwd=HERE, capture_output=True, text=True, check=True
    ).stdout.strip()
    manifest = json.loads((HERE / "manifest.json").read_text(encoding="utf-8"))
    portraits = {
        split: len(shards) * manifest["shard"] for split, shards in manifest["sha256"].items()
    }
    judge = json.loads((work / "figures" / "classifier.json").read_text(encoding="utf-8"))
    figures["recipe"] = {"commit": commit, "portraits": portraits, "judge": judge}
    text = json.dumps(figures, indent=1, ensure_ascii=False) + "\n"
    (folder / "figures.json").write_text(text, encoding="utf-8")
    for end in SHEETS:
        sheet = work / "sheets" / f"{name}{end}.png"
        if sheet.exists():
            shutil.copyfile(sheet, folder / sheet.name)
    (folder / "README.md").write_text(card(folder, figures), encoding="utf-8")


def main() -> None:
    from training import WORK

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="default: every model that has figures")
    chosen = parser.parse_args()
    for name in chosen.names or [n for n in ABOUT if (WORK / "figures" / f"{n}.json").exists()]:
        gather(name, WORK)
        print(f"wrote {MODELS / name / 'README.md'}")


if __name__ == "__main__":
    main()
