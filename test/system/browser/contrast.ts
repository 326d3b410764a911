/**
 * Contrast as WCAG 2.2 computes it, of every text that can be seen. It runs in
 * the page.
 */

/** How many texts there are, and those whose contrast is below 4.5. */
export interface Contrasts {
  readonly texts: number;
  readonly low: string[];
}

/**
 * Measures the page that it is evaluated in; nothing outside this function is
 * known there.
 */
export function lowContrasts(): Contrasts {
  const canvas = document.createElement("canvas").getContext("2d", {
    willReadFrequently: true,
  });
  const pixel = (colour: string): readonly number[] => {
    if (canvas === null) return [];
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colour: readonly number[]) => {
    const [r = 0, g = 0, b = 0] = colour.map((part) => {
      const share = part / 255;
      return share <= 0.04045
        ? share / 12.92
        : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const backgroundOf = (element: Element | null): readonly number[] => {
    if (element === null) return [255, 255, 255, 255];
    const own = pixel(getComputedStyle(element).backgroundColor);
    return own[3] === 255 ? own : backgroundOf(element.parentElement);
  };
  const low: string[] = [];
  let texts = 0;
  for (const element of document.querySelectorAll<HTMLElement>("body *")) {
    const isText = [...element.childNodes].some((node) => {
      return node.nodeType === Node.TEXT_NODE &&
        node.textContent?.trim() !== "";
    });
    // Which lies over the same.
    const isSeen = element.checkVisibility() && element.id !== "token";
    if (!isText || !isSeen || element.closest(":disabled") !== null) continue;
    texts++;
    const lights = [
      pixel(getComputedStyle(element).color),
      backgroundOf(element),
    ].map(luminance);
    const contrast = (Math.max(...lights) + 0.05) /
      (Math.min(...lights) + 0.05);
    if (contrast < 4.5) {
      low.push(`${contrast.toFixed(2)} ${element.textContent?.slice(0, 30)}`);
    }
  }
  return { texts, low };
}
