"""What is seen of a chart: its texts and where they stand, contrast, and lightness in greyscale."""

from matplotlib.colors import to_rgb
from matplotlib.text import Text


def luminance(colour):
    """Relative luminance of a colour, as WCAG 2 has it, 0 to 1."""
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in to_rgb(colour)]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def lightness(colour):
    """L* of a colour, 0 to 100: what is left of it in greyscale."""
    seen = luminance(colour)
    return 116 * seen ** (1 / 3) - 16 if seen > 0.008856 else 903.3 * seen


def contrast(colour):
    """Of text in a colour on white, as WCAG 2 has it."""
    return 1.05 / (luminance(colour) + 0.05)


def written(figure):
    """All texts that are drawn, with where they stand, in pixels."""
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    hidden = {id(text) for axes in figure.axes if not axes.get_visible() for text in axes.findobj(Text)}
    texts = [text for text in texts if id(text) not in hidden]
    for axes in figure.axes:  # ticks outside the limits are there, and not drawn
        for axis in (axes.xaxis, axes.yaxis):
            drawn = {id(tick.label1) for tick in axis._update_ticks()}
            texts = [text for text in texts if id(text) in drawn or text not in axis.get_ticklabels(which="both")]
    return [(text, text.get_window_extent(renderer)) for text in texts]
