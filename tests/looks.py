"""What can go wrong with the looks of a page, as scripts that a browser runs."""

# A field holds more than it shows; what is only for who listens stays hidden.
CLIPPED = """() => {
    const hides = (style) => /hidden|clip/.test(style.overflowX + style.overflowY);
    return [...document.querySelectorAll('body *')].filter((part) => {
        const style = getComputedStyle(part);
        return !part.matches('input, select, .visually-hidden, svg *') && part.clientWidth > 0 && hides(style)
            && (part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 1);
    }).map((part) => `hidden in part: ${part.outerHTML.slice(0, 120)}`);
}"""
TOO_WIDE = """() => {
    const most = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= most) { return []; }
    const scrolls = (part) => part.parentElement
        && (['auto', 'scroll'].includes(getComputedStyle(part.parentElement).overflowX) || scrolls(part.parentElement));
    // Words can stick out of a part that itself is not too wide.
    return ['wider than the window'].concat([...document.querySelectorAll('body *')]
        .filter((part) => part.getBoundingClientRect().right > most + 0.5 && !scrolls(part))
        .map((part) => `wider than the window: ${part.outerHTML.slice(0, 120)}`).slice(-3));
}"""
OVERLAPPING = """() => {
    const words = [...document.querySelectorAll('a, button, label, h1, h2, h3, summary, caption')]
        .filter((part) => part.checkVisibility() && !part.closest('.skip, .visually-hidden, .leave, svg')
            && getComputedStyle(part).display !== 'inline');
    return words.filter((part) => part.scrollHeight > part.clientHeight + 2)
        .map((part) => `words outside their box: ${part.outerHTML.slice(0, 120)}`);
}"""
LOOKS = (TOO_WIDE, CLIPPED, OVERLAPPING)


def faults_of(page):
    """Return what is too wide, cut off or outside its box on the page, each with the start of its HTML."""
    return [fault for look in LOOKS for fault in page.evaluate(look)]
