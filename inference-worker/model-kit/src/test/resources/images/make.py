"""Writes the images of this folder with Pillow: one picture in many formats, and what Pillow reads of each (".rgb": 8-bit RGB, row by row).
usage: make.py (in this folder; needs pillow)"""
import io
from PIL import Image, ImageOps

W, H = 24, 16
picture = Image.new("RGB", (W, H))
for y in range(H):
    for x in range(W):
        # Smooth, so that lossy formats stay near to it, and different in all corners.
        picture.putpixel((x, y), (10 * x, 15 * y, 240 - 5 * x - 5 * y))


def write(name, image, **how):
    image.save(name, **how)
    read = ImageOps.exif_transpose(Image.open(name))
    if read.mode == "I;16":
        read = read.point(lambda value: value / 257).convert("L")
    if read.mode in ("RGBA", "LA", "PA") or "transparency" in read.info:
        read = Image.alpha_composite(Image.new("RGBA", read.size, "white"), read.convert("RGBA"))
    open(name + ".rgb", "wb").write(read.convert("RGB").tobytes())


write("baseline.jpg", picture, quality=95)
write("progressive.jpg", picture, quality=95, progressive=True)
write("grey.jpg", picture.convert("L"), quality=95)
write("print.jpg", picture.convert("CMYK"), quality=95)
write("colours.png", picture)
write("palette.png", picture.quantize(64))
write("grey16.png", Image.frombytes("I;16", (W, H), b"".join(bytes([0, 2 * i % 256]) for i in range(W * H))))
transparent = picture.convert("RGBA")
transparent.putalpha(Image.linear_gradient("L").resize((W, H)))
write("transparent.png", transparent)
write("picture.bmp", picture)
write("picture.gif", picture.quantize(64))
write("lossless.webp", picture, lossless=True)
write("lossy.webp", picture, quality=95)
write("picture.ppm", picture)
write("picture.pgm", picture.convert("L"))
frames = [picture.quantize(32), picture.rotate(180).quantize(32)]
frames[0].save("animated.gif", save_all=True, append_images=frames[1:], duration=100)
open("animated.gif.rgb", "wb").write(Image.open("animated.gif").convert("RGB").tobytes())
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    write(f"orientation-{orientation}.jpg", picture, quality=95, exif=exif)
for width, height in ((10, 7), (48, 32), (24, 5)):
    open(f"resized-{width}x{height}.rgb", "wb").write(picture.resize((width, height), Image.BILINEAR).tobytes())
open("resized-part.rgb", "wb").write(picture.resize((8, 8), Image.BILINEAR, box=(4, 0, 20, 16)).tobytes())
