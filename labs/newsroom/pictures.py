"""Photographs for the newspaper, drawn: skies, hills, elevators and wheat, with the grain of old film.

The grain is there for its weight as well: real photographs compress badly, and a browser's images are most of what a front-end
sends. Pillow draws the same bytes from the same seed, as long as its version stays the same.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageOps

Colour = tuple[int, int, int]

# Pixels and JPEG quality: some 200 KB, 30 KB and 3 KB.
SIZES = {"large": (1200, 800, 82), "medium": (640, 427, 78), "thumbnail": (180, 120, 74)}
WIDTH, HEIGHT, _ = SIZES["large"]


@dataclass(frozen=True, kw_only=True)
class Palette:
    """Colours of one scene, from the top of the sky to the ground in front."""

    sky: Colour
    horizon: Colour
    far: Colour
    near: Colour
    light: Colour


PALETTES = {
    "prairie": Palette(
        sky=(92, 142, 190), horizon=(236, 222, 190), far=(132, 140, 92), near=(86, 98, 48), light=(255, 240, 200)
    ),
    "town": Palette(
        sky=(150, 170, 190), horizon=(240, 214, 180), far=(120, 110, 100), near=(90, 70, 58), light=(255, 226, 170)
    ),
    "storm": Palette(
        sky=(48, 56, 70), horizon=(150, 152, 142), far=(78, 92, 70), near=(50, 60, 40), light=(210, 214, 210)
    ),
    "field": Palette(
        sky=(120, 170, 210), horizon=(250, 236, 200), far=(200, 170, 90), near=(176, 134, 52), light=(255, 248, 220)
    ),
    "night": Palette(
        sky=(12, 16, 36), horizon=(70, 60, 84), far=(30, 32, 44), near=(16, 18, 26), light=(240, 236, 214)
    ),
}


def draw(scene: str, seed: str) -> Image.Image:
    """One photograph in its large size."""
    dice = random.Random(f"picture {seed}")
    palette = PALETTES[scene]
    horizon = int(HEIGHT * dice.uniform(0.5, 0.68))
    gradient = Image.linear_gradient("L").resize((WIDTH, HEIGHT))
    picture = ImageOps.colorize(
        gradient, palette.sky, palette.near, mid=palette.horizon, midpoint=int(255 * horizon / HEIGHT)
    )
    pen = ImageDraw.Draw(picture)
    light = (dice.randrange(150, WIDTH - 150), dice.randrange(90, horizon - 80))
    radius = dice.randrange(28, 60)
    if scene != "storm":
        pen.ellipse((light[0] - radius, light[1] - radius, light[0] + radius, light[1] + radius), fill=palette.light)
    if scene == "night":
        for _ in range(220):
            x, y = dice.randrange(WIDTH), dice.randrange(horizon)
            pen.point([(x, y), (x + 1, y)], fill=palette.light)
    picture = picture.filter(ImageFilter.GaussianBlur(3))
    pen = ImageDraw.Draw(picture)
    ridge(pen, dice, horizon, 34, palette.far)
    if scene in ("town", "night", "prairie"):
        buildings(pen, dice, horizon + 20, palette)
    ridge(pen, dice, horizon + 70, 26, palette.near)
    stalks(pen, dice, horizon + 70, palette)
    grain = Image.frombytes("L", (WIDTH, HEIGHT), dice.randbytes(WIDTH * HEIGHT)).convert("RGB")
    return Image.blend(picture, grain, 0.085)


def ridge(pen: ImageDraw.ImageDraw, dice: random.Random, base: int, rise: int, colour: Colour) -> None:
    """A line of hills from edge to edge."""
    first, second = dice.uniform(0, 6), dice.uniform(0, 6)
    top = [
        (x, base - rise * (math.sin(first + x / 210) + 0.6 * math.sin(second + x / 90)) / 1.6)
        for x in range(0, WIDTH + 12, 12)
    ]
    pen.polygon([*top, (WIDTH, HEIGHT), (0, HEIGHT)], fill=colour)


def buildings(pen: ImageDraw.ImageDraw, dice: random.Random, ground: int, palette: Palette) -> None:
    """A row of houses, with a grain elevator and a water tower over them."""
    x = dice.randrange(40, 300)
    for _ in range(dice.randrange(5, 12)):
        width, height = dice.randrange(40, 90), dice.randrange(36, 84)
        pen.rectangle((x, ground - height, x + width, ground + 90), fill=shade(palette.far, dice.uniform(0.55, 1.25)))
        pen.polygon(
            [(x - 5, ground - height), (x + width // 2, ground - height - 26), (x + width + 5, ground - height)],
            fill=palette.near,
        )
        for window in range(x + 10, x + width - 14, 20):
            if dice.random() < 0.6:
                pen.rectangle((window, ground - height + 12, window + 8, ground - height + 24), fill=palette.light)
        x += width + dice.randrange(0, 40)
    silo = dice.randrange(100, WIDTH - 300)
    for number in range(dice.randrange(3, 7)):
        left = silo + number * 34
        pen.rectangle(
            (left, ground - 190, left + 32, ground + 90), fill=shade(palette.horizon, 0.86 + 0.05 * (number % 3))
        )
    tower = dice.randrange(60, WIDTH - 60)
    pen.line(
        [(tower - 26, ground + 90), (tower - 12, ground - 150), (tower + 12, ground - 150), (tower + 26, ground + 90)],
        fill=palette.near,
        width=5,
    )
    pen.ellipse((tower - 38, ground - 206, tower + 38, ground - 140), fill=shade(palette.horizon, 0.78))


def stalks(pen: ImageDraw.ImageDraw, dice: random.Random, top: int, palette: Palette) -> None:
    """Grass or wheat, longer the nearer it stands."""
    for _ in range(1500):
        y = dice.randrange(min(top + 20, HEIGHT - 20), HEIGHT + 40)
        length = 8 + (y - top) // 5
        x = dice.randrange(WIDTH)
        pen.line(
            (x, y, x + dice.randrange(-6, 7), y - length), fill=shade(palette.near, dice.uniform(0.7, 1.5)), width=2
        )


def shade(colour: Colour, factor: float) -> Colour:
    """The colour, darker below 1 and lighter above."""
    red, green, blue = (min(255, int(part * factor)) for part in colour)
    return red, green, blue


def save(picture: Image.Image, folder: Path, name: str) -> None:
    """Writes the three sizes as folder/<size>/<name>.jpg."""
    for size, (width, height, quality) in SIZES.items():
        smaller = picture if size == "large" else picture.resize((width, height), Image.Resampling.BOX)
        smaller.save(folder / size / f"{name}.jpg", quality=quality)


def favicon(path: Path) -> None:
    """A lantern, 32 pixels wide."""
    icon = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    pen = ImageDraw.Draw(icon)
    pen.arc((10, 1, 22, 13), 180, 360, fill=(90, 60, 30), width=2)
    pen.rounded_rectangle((7, 8, 25, 30), 5, fill=(154, 75, 16))
    pen.ellipse((11, 12, 21, 26), fill=(255, 214, 120))
    icon.save(path, sizes=[(32, 32)])
