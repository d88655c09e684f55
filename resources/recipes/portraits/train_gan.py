"""Train the portraits' GAN: python train_gan.py --minutes 60. Resumes.

StyleGAN2's generator (the plugin's own, `studio_plugins.faces_gan.net`) makes latents of the autoencoder,
whose decoder, left as it is, makes them pictures. What keeps it from repeating a few faces:
- the condition names every attribute, to generator and discriminator;
- each portrait of the data has a z of its own, the sum of fixed random codes of what its caption doesn't
  say (head, nose, eyes, …, which are logged when it is drawn), and from it the generator must make that very
  portrait: an anchor for every face there is. z drawn freely lie between the anchors, and there the
  discriminator alone judges;
- what the condition names must be legible in the latents made, to `latent_classifier.py` (an auxiliary
  classifier, Odena et al. 2017), at anchors and between them.
Losses: non-saturating logistic with lazy R1 (Karras et al. 2020, section 2), L1 to the anchors' latents (more
where they count more), and the classifier's cross-entropy.
"""

from __future__ import annotations

import argparse
import json
import zlib
from typing import Any

import torch
import torch.nn.functional as F
from classifier import targets_of
from latent_classifier import NOISE, load_latent_classifier
from latents import load_latents, place_weights
from safetensors.torch import save_file
from torch import Tensor
from training import MODELS, WORK, Average
from training_loop import train

from studio_plugins.faces_gan.net import Discriminator, GanConfig, Generator

MODEL = MODELS / "portrait-gan"
CHECKPOINT = WORK / "gan.pt"
BATCH, R1_EVERY, R1_GAMMA = 32, 8, 1.0
ANCHORED_ALONE = 0.6
"""Fraction of the time in which the anchors alone are learnt."""
ANCHOR_WEIGHT, ATTRIBUTE_WEIGHT = 6.0, 0.2
PEAK = 2e-3
Z_DIM = 256
SLOTS = (
    "skin", "hair_colour", "hair", "mouth", "glasses", "beard", "extra", "clothes", "clothes_colour",
    "background",
)  # fmt: skip


class Portraits:
    """Latents with their conditions (one-hot by slot), anchors in z, and their slots' values."""

    def __init__(self, z_dim: int) -> None:
        self.latents, attributes = load_latents()
        self.values = {name: sorted({a[name] for a in attributes}) for name in SLOTS}
        self.rows = torch.tensor([[self.values[n].index(a[n]) for n in SLOTS] for a in attributes])
        sizes = [len(self.values[name]) for name in SLOTS]
        self.conditions = torch.cat(
            [F.one_hot(self.rows[:, slot], size).float() for slot, size in enumerate(sizes)], 1
        )
        self.targets = targets_of(attributes, {})
        codes: dict[tuple[str, Any], Tensor] = {}
        self.anchors = torch.zeros(len(attributes), z_dim)
        for index, portrait in enumerate(attributes):
            for key in sorted(_hidden(portrait).items()):
                if key not in codes:
                    seeded = torch.Generator().manual_seed(zlib.crc32(repr(key).encode()))
                    codes[key] = torch.randn(z_dim, generator=seeded)
                self.anchors[index] += codes[key]

    def shares(self, slot: int) -> list[float]:
        counts = torch.bincount(self.rows[:, slot], minlength=len(self.values[SLOTS[slot]]))
        return [round(float(share), 4) for share in counts / counts.sum()]


def _hidden(portrait: dict[str, Any]) -> dict[str, Any]:
    """What the portrait has that its attributes don't say; of glasses and the like only if it wears any."""
    hidden = dict(portrait["nuisance"])
    for name in ("glasses", "beard"):
        if portrait[name] == "none":
            del hidden[name]
    if portrait["extra"] != "earrings":
        del hidden["earrings"]
    return hidden


def make_networks(c_dim: int) -> tuple[Generator, Discriminator]:
    # A mapping that learns as fast as the rest: at the paper's hundredth it stays the random one it began
    # as, and which of the data's hair or mouth a z means is never found.
    config = GanConfig(
        z_dim=Z_DIM, w_dim=256, c_dim=c_dim, resolution=16, img_channels=8, channels=(192, 160, 96),
        mapping_layers=3, mapping_learning_rate=1.0, d_mapping_layers=2, mbstd_group_size=4,
    )  # fmt: skip
    return Generator(config), Discriminator(config)


class Trainer:
    """Both networks, their optimisers, and one step of each."""

    def __init__(self, data: Portraits) -> None:
        self.data = data
        self.generator, self.discriminator = make_networks(data.conditions.shape[1])
        self.average = Average(self.generator, decay=0.998)
        betas = (0.0, 0.99)
        self.of_g = torch.optim.Adam(self.generator.parameters(), PEAK, betas, foreach=True)
        self.of_d = torch.optim.Adam(self.discriminator.parameters(), PEAK, betas, foreach=True)
        self.optimizers: list[torch.optim.Optimizer] = [self.of_g, self.of_d]
        self.noise = torch.Generator().manual_seed(0)
        self.classifier, self.weight = load_latent_classifier(), place_weights()

    def make(self, z: Tensor, c: Tensor) -> Tensor:
        w = self.generator.mapping(z, c)
        self.generator.mapping.follow(w)
        made: Tensor = self.generator.synthesis(
            self.generator.styles(w), noise="random", generator=self.noise
        )
        return made

    def draw(self) -> tuple[Tensor, Tensor, Tensor, dict[str, Tensor]]:
        """Real latents, conditions, anchors with a little noise, and what the conditions name."""
        picked = torch.randint(0, len(self.data.latents), (BATCH,))
        z = self.data.anchors[picked]
        z = z / z.square().mean(1, keepdim=True).sqrt()
        return (
            self.data.latents[picked],
            self.data.conditions[picked],
            z + 0.1 * torch.randn_like(z),
            {name: target[picked] for name, target in self.data.targets.items()},
        )

    def unread(self, made: Tensor, targets: dict[str, Tensor]) -> Tensor:
        """Mean cross-entropy of the attributes in made latents."""
        read = self.classifier(
            made + torch.rand(len(made), 1, 1, 1) * NOISE * torch.randn_like(made)
        )
        return torch.stack([F.cross_entropy(read[name], targets[name]) for name in targets]).mean()

    def step(self, number: int, fraction: float) -> dict[str, float]:
        """Anchors alone first, then both networks."""
        return self.anchor_step() if fraction < ANCHORED_ALONE else self.full_step(number)

    def anchor_step(self) -> dict[str, float]:
        """The L1 to the anchored portraits, and how ill their attributes are read."""
        real, c, z, targets = self.draw()
        made = self.make(z, c)
        off, unread = ((made - real).abs() * self.weight).mean(), self.unread(made, targets)
        self._update_generator(off + ATTRIBUTE_WEIGHT * unread)
        return {"anchor": float(off.detach()), "unread": float(unread.detach())}

    def full_step(self, step: int) -> dict[str, float]:
        """Half of the made ones at anchors, half at free z, under conditions that the data has."""
        real, c, anchored, targets = self.draw()
        half = BATCH // 2
        z = torch.cat([anchored[:half], torch.randn_like(anchored[half:])])
        self.discriminator.requires_grad_(True)
        with torch.no_grad():
            made = self.make(z, c)
        loss_d = F.softplus(self.discriminator(made, c)).mean()
        if step % R1_EVERY == 0:
            real = real.detach().requires_grad_(True)
        score = self.discriminator(real, c)
        loss_d = loss_d + F.softplus(-score).mean()
        if step % R1_EVERY == 0:
            (slope,) = torch.autograd.grad(score.sum(), real, create_graph=True)
            loss_d = loss_d + slope.square().sum(dim=(1, 2, 3)).mean() * (R1_GAMMA / 2 * R1_EVERY)
        self.of_d.zero_grad()
        loss_d.backward()
        self.of_d.step()
        self.discriminator.requires_grad_(False)
        made = self.make(z, c)
        loss_g = F.softplus(-self.discriminator(made, c)).mean()
        off = ((made[:half] - real.detach()[:half]).abs() * self.weight).mean()
        unread = self.unread(made, targets)
        self._update_generator(loss_g + ANCHOR_WEIGHT * off + ATTRIBUTE_WEIGHT * unread)
        losses = {"d": loss_d, "g": loss_g, "anchor": off, "unread": unread}
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _update_generator(self, loss: Tensor) -> None:
        self.of_g.zero_grad()
        loss.backward()
        self.of_g.step()
        self.average.update(self.generator)
        self.average.module.mapping.w_avg.copy_(self.generator.mapping.w_avg)

    def state(self) -> dict[str, Any]:
        return {
            "generator": self.generator.state_dict(), "discriminator": self.discriminator.state_dict(),
            "average": self.average.module.state_dict(), "of_g": self.of_g.state_dict(),
            "of_d": self.of_d.state_dict(), "portraits": len(self.data.latents),
        }  # fmt: skip

    def load(self, state: dict[str, Any]) -> None:
        self.generator.load_state_dict(state["generator"])
        self.discriminator.load_state_dict(state["discriminator"])
        self.average.module.load_state_dict(state["average"])
        self.of_g.load_state_dict(state["of_g"])
        self.of_d.load_state_dict(state["of_d"])
        self.average.updates = state["step"]

    def save_model(self) -> None:
        save_model(self.average.module, self.data)


def save_model(generator: Generator, data: Portraits) -> None:
    """The folder that faces_gan loads: float16 weights, the attributes, and the rows of the data's."""
    MODEL.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.half().contiguous() for name, tensor in generator.state_dict().items()}
    weights["attribute_rows"] = data.rows[:4000].to(torch.uint8)
    save_file(weights, MODEL / "model.safetensors")
    (MODEL / "model.safetensors").chmod(0o644)
    config = generator.config
    described = {
        "_class_name": "StyleGAN2", "z_dim": config.z_dim, "w_dim": config.w_dim, "c_dim": config.c_dim,
        "resolution": config.resolution, "img_channels": config.img_channels,
        "channels": list(config.channels), "mapping_layers": config.mapping_layers,
        "mapping_learning_rate": config.mapping_learning_rate,
        "decoder": "../portrait-vae", "latents": {"mean": [0.0] * 8, "deviation": [1.0] * 8},
        "attributes": [
            {"name": name.replace("_", " "), "values": data.values[name], "shares": data.shares(slot)}
            for slot, name in enumerate(SLOTS)
        ],
    }  # fmt: skip
    (MODEL / "config.json").write_text(json.dumps(described, indent=1) + "\n")


def rate(fraction: float, step: int) -> float:
    """Constant, then down in the last third: an adversarial pair is best averaged near its end."""
    return PEAK * min(1.0, (1 - fraction) * 3 + 0.02)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=85)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(0)
    train(Trainer(Portraits(Z_DIM)), CHECKPOINT, chosen.minutes, rate)


if __name__ == "__main__":
    main()
