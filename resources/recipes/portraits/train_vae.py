"""Train the portraits' autoencoder: python train_vae.py STEPS. Resumes from its checkpoint."""

from __future__ import annotations

import sys
import time

import torch
from diffusers import AutoencoderKL
from training import (
    MODEL,
    WORK,
    Average,
    learning_rate,
    load_pixels,
    quick_floats,
    save_checkpoint,
    save_half,
    to_float,
)

BATCH = 16
CHECKPOINT = WORK / "vae.pt"


def make_vae(side_px: int) -> AutoencoderKL:
    """f8 with few channels where the picture is large, so that a CPU can train it."""
    return AutoencoderKL(
        block_out_channels=(16, 32, 64, 128), layers_per_block=1, latent_channels=8, norm_num_groups=8,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        sample_size=side_px, mid_block_add_attention=False,
    )  # fmt: skip


def gradients(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """How much two pictures' edges differ: keeps the lines crisp."""
    d = a - b
    return (d[..., 1:] - d[..., :-1]).abs().mean() + (d[..., 1:, :] - d[..., :-1, :]).abs().mean()


def main(steps: int) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    pixels, _ = load_pixels("train")
    side = pixels.shape[-1]
    vae = make_vae(side).to(memory_format=torch.channels_last)
    average = Average(vae)
    optimizer = torch.optim.AdamW(
        vae.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=1e-4, foreach=True
    )
    first = 0
    if CHECKPOINT.exists():
        state = torch.load(CHECKPOINT, weights_only=True)
        vae.load_state_dict(state["vae"])
        average.module.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    # Mouth and eyes are few pixels and much of the face: three times the weight.
    weight = torch.ones(1, 1, side, side)
    weight[..., side * 26 // 64 : side * 46 // 64, side * 28 // 64 : side * 54 // 64] = 3
    started = time.monotonic()
    for step in range(first, steps):
        x = to_float(pixels[torch.randint(0, len(pixels), (BATCH,))])
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, steps, 1.5e-3)
        with quick_floats():
            moments = vae.quant_conv(vae.encoder(x.to(memory_format=torch.channels_last)))
            mean, log_var = moments.float().chunk(2, 1)
            log_var = log_var.clamp(-12, 4)
            latent = mean + torch.randn_like(mean) * (log_var * 0.5).exp()
            made = vae.decoder(vae.post_quant_conv(latent)).float()
        difference = made - x
        kl = 0.5 * (mean.square() + log_var.exp() - 1 - log_var).mean()
        fit = (difference.abs() * weight).mean() + (difference.square() * weight).mean()
        loss = fit + 0.5 * gradients(made, x) + 3e-4 * kl
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimizer.step()
        average.update(vae)
        if (step + 1) % 50 == 0:
            speed = (step + 1 - first) / (time.monotonic() - started)
            print(
                f"{step + 1} loss {loss:.4f} l1 {difference.abs().mean():.4f} kl {kl:.3f} {speed:.2f}/s",
                flush=True,
            )
        if (step + 1) % 200 == 0 or step + 1 == steps:
            save_checkpoint(
                CHECKPOINT, vae=vae.state_dict(), average=average.module.state_dict(),
                optimizer=optimizer.state_dict(), step=step + 1,
            )  # fmt: skip
    finish(average.module)


@torch.no_grad()
def finish(vae: AutoencoderKL) -> None:
    """Set the scale from the latents' spread, measure on the test pictures, save."""
    test, _ = load_pixels("test")
    x = to_float(test[:400])
    latents = torch.cat([vae.encode(part).latent_dist.mean for part in x.split(50)])
    vae.register_to_config(scaling_factor=float(1 / latents.std()))
    made = torch.cat([vae.decode(part).sample for part in latents.split(50)]).clamp(-1, 1)
    psnr = (-10 * ((made - x).square().mean(dim=(1, 2, 3)) / 4).log10()).mean()
    print(f"test PSNR {psnr:.2f} dB, scaling factor {vae.config.scaling_factor:.4f}", flush=True)
    save_half(vae, MODEL / "vae")
    torch.save(
        {"vae": vae.state_dict(), "psnr": float(psnr), "scale": vae.config.scaling_factor},
        WORK / "vae-done.pt",
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
