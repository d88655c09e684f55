"""Train the portraits' autoencoder: python train_vae.py --minutes 120 [--decoder-only]. Resumes.

The first quarter sees 64 px crops, half of them about the face: four for the price of one whole portrait, and
mouth and eyes, few pixels and much of the face, come up often. The rest sees whole portraits.
`--decoder-only` goes on from a finished run with the encoder, and so every latent, left as it is.
"""

from __future__ import annotations

import argparse

import torch
from diffusers import AutoencoderKL
from torch.utils.tensorboard import SummaryWriter
from training import (
    MODELS,
    SIDE_PX,
    WORK,
    Average,
    Clock,
    learning_rate,
    load_split,
    quick_floats,
    save_checkpoint,
    save_half,
    set_learning_rate,
    to_float,
)

CROP_PX, CROPS, WHOLES = 64, 8, 3
WHOLE_FROM = 0.28
"""Fraction of the time after which whole portraits are seen."""
FACE = (slice(44, 106), slice(24, 112))
"""Rows and columns of mouth, eyes and ears."""
SMALL = ("earrings", "freckles")
"""Every other portrait has one of these: few pixels, and few who wear them."""
PEAK = 1.2e-3
SLACK = 0.15
"""Up to this deviation of noise on the latents (they have 1) while the decoder alone is trained."""


def make_vae() -> AutoencoderKL:
    """f8 with few channels where the picture is large, so that a CPU can train it and decodes quickly."""
    return AutoencoderKL(
        block_out_channels=(16, 24, 48, 96), layers_per_block=1, latent_channels=8, norm_num_groups=1,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        sample_size=SIDE_PX, mid_block_add_attention=False,
    )  # fmt: skip


def gradient_difference(d: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """How much two pictures' edges differ, from their difference: keeps the lines crisp."""
    across = (d[..., 1:] - d[..., :-1]).abs() * weight[..., 1:]
    down = (d[..., 1:, :] - d[..., :-1, :]).abs() * weight[..., 1:, :]
    return across.mean() + down.mean()


def draw_batch(
    pixels: torch.Tensor, small: torch.Tensor, weight: torch.Tensor, whole: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    """Portraits or crops of them in -1..1, and the weight of each pixel."""
    count, size = (WHOLES, SIDE_PX) if whole else (CROPS, CROP_PX)
    crops, weights = [], []
    for number in range(count):
        index = int(torch.randint(0, len(pixels), ()))
        if torch.rand(()) < 0.5:
            index = int(small[index % len(small)])
        span = SIDE_PX - size
        top, left = torch.randint(0, span + 1, (2,)).tolist()
        if not whole and number % 2:
            top, left = torch.randint(span // 3, span - 8, (2,)).tolist()
        window = (..., slice(top, top + size), slice(left, left + size))
        crops.append(pixels[index][window])
        weights.append(weight[window])
    x = to_float(torch.stack(crops)).contiguous(memory_format=torch.channels_last)
    return x, torch.stack(weights)[:, None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--decoder-only", action="store_true")
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(0)
    pixels, said = load_split("train")
    small = torch.tensor([i for i, one in enumerate(said) if one["extra"] in SMALL])
    vae = make_vae()
    # Begin with little noise in the latents: at the usual deviation of 1 they carry nothing for long.
    torch.nn.init.constant_(vae.quant_conv.bias[8:], -6.0)
    name = "vae-decoder" if chosen.decoder_only else "vae"
    checkpoint = WORK / f"{name}.pt"
    if chosen.decoder_only:
        vae.load_state_dict(torch.load(WORK / "vae-normal.pt", weights_only=True)["vae"])
        vae.encoder.requires_grad_(False)
        vae.quant_conv.requires_grad_(False)
    vae = vae.to(memory_format=torch.channels_last)
    average = Average(vae)
    trained = [p for p in vae.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        trained, lr=PEAK, betas=(0.9, 0.98), weight_decay=1e-4, foreach=True
    )
    first, spent = 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        vae.load_state_dict(state["vae"])
        average.module.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        first, spent, average.updates = state["step"], state["spent_s"], state["step"]
        torch.manual_seed(first)
    weight = torch.ones(SIDE_PX, SIDE_PX)
    weight[FACE] = 3

    def loss_of(
        x: torch.Tensor, weights: torch.Tensor, noise: torch.Tensor, slack: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        moments = vae.quant_conv(vae.encoder(x)).float()
        mean, log_var = moments[:, :8], moments[:, 8:].clamp(-12, 4)
        # What generators make is never quite what the encoder would: the decoder learns to bear it.
        latent = mean + noise * (slack if chosen.decoder_only else (log_var * 0.5).exp())
        difference = vae.decoder(vae.post_quant_conv(latent)).float() - x
        kl = 0.5 * (mean.square() + log_var.exp() - 1 - log_var).mean()
        fit = (difference.abs() * weights).mean() + 4 * (difference.square() * weights).mean()
        # Colours are learnt last, hair by hair: averaged over 8 x 8 they stand out from the lines.
        colour = torch.nn.functional.avg_pool2d(difference, 8).square().mean()
        loss = fit + 8 * colour + 0.5 * gradient_difference(difference, weights) + 3e-4 * kl
        return loss, difference.detach().square().mean(), kl.detach()

    clock = Clock(chosen.minutes, spent)
    log = SummaryWriter(str(WORK / "runs" / name))
    step, saved_at, total = first, clock.spent_s, 0.0
    while clock.fraction < 1:
        whole = clock.fraction > WHOLE_FROM
        x, weights = draw_batch(pixels, small, weight, whole)
        peak = PEAK / 3 if chosen.decoder_only else PEAK
        rate = learning_rate(clock.fraction, step, peak)
        set_learning_rate(optimizer, rate)
        noise = torch.randn(len(x), 8, x.shape[-1] // 8, x.shape[-1] // 8)
        slack = torch.rand(len(x), 1, 1, 1) * SLACK
        with quick_floats():
            loss, squared, kl = loss_of(x, weights, noise, slack)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        average.update(vae)
        step += 1
        total += float(squared.detach())
        if step % 100 == 0:
            psnr = -10 * torch.tensor(total / 100 / 4).log10()
            print(
                f"{step} {clock.spent_s:.0f}s loss {float(loss.detach()):.4f} psnr {psnr:.2f} kl {kl:.3f}",
                flush=True,
            )
            log.add_scalar("psnr", psnr, step)
            log.add_scalar("kl", kl, step)
            total = 0.0
        if clock.spent_s - saved_at > 180 or clock.fraction >= 1:
            saved_at = clock.spent_s
            save_checkpoint(
                checkpoint, vae=vae.state_dict(), average=average.module.state_dict(),
                optimizer=optimizer.state_dict(), step=step, spent_s=clock.spent_s,
            )  # fmt: skip
    if not chosen.decoder_only:
        normalise(average.module)
        save_checkpoint(WORK / "vae-normal.pt", vae=average.module.state_dict())
    finish(average.module)


@torch.no_grad()
def normalise(vae: AutoencoderKL) -> None:
    """Fold the latents' mean and deviation, a channel each, into the 1 x 1 convolutions at their border.

    So every channel has mean 0 and deviation 1, whoever reads the latents: a diffusion pipeline knows
    one scaling factor alone, and its noise would drown a quiet channel and spare a loud one.
    """
    pixels, _ = load_split("train")
    latents = torch.cat(
        [vae.encode(to_float(part)).latent_dist.mean for part in pixels[:2000].split(50)]
    )
    mean, deviation = latents.mean(dim=(0, 2, 3)), latents.std(dim=(0, 2, 3))
    inward, outward = vae.quant_conv, vae.post_quant_conv
    inward.weight[:8] /= deviation[:, None, None, None]
    inward.bias[:8] = (inward.bias[:8] - mean) / deviation
    inward.bias[8:] -= 2 * deviation.log()
    outward.bias += (outward.weight * mean[None, :, None, None]).sum(dim=(1, 2, 3))
    outward.weight *= deviation[None, :, None, None]


@torch.no_grad()
def finish(vae: AutoencoderKL) -> None:
    """Say the latents' mean and deviation (of the training split) in the config, save the folder."""
    pixels, _ = load_split("train")
    latents = torch.cat(
        [vae.encode(to_float(part)).latent_dist.mean for part in pixels[-1000:].split(50)]
    )
    vae.register_to_config(
        scaling_factor=1.0,
        latents_mean=[round(v, 4) for v in latents.mean(dim=(0, 2, 3)).tolist()],
        latents_std=[round(v, 4) for v in latents.std(dim=(0, 2, 3)).tolist()],
    )
    save_half(vae, MODELS / "portrait-vae")
    print(f"test PSNR {test_psnr(vae):.2f} dB of 500 portraits", flush=True)


@torch.no_grad()
def test_psnr(vae: AutoencoderKL) -> float:
    """Mean over portraits, in dB."""
    test, _ = load_split("test")
    decibels = []
    for part in test[:500].split(50):
        x = to_float(part)
        made = vae.decode(vae.encode(x).latent_dist.mean).sample.clamp(-1, 1)
        decibels.append(-10 * ((made - x).square().mean(dim=(1, 2, 3)) / 4).log10())
    return float(torch.cat(decibels).mean())


if __name__ == "__main__":
    main()
