import type { Page } from 'playwright-core';

/** Slices of one run; the volumes are deep enough on either side of where they are opened. */
export const STEPS = 24;

/**
 * Scrolls the workstation's window by the wheel, `STEPS` slices in each of the given cells, and waits after
 * each slice until all pictures that it changes are drawn, as the bare page does.
 */
export function scrollWorkstation(page: Page, cells: readonly string[], pictures: number): Promise<void> {
  return page.evaluate(
    async ({ ids, count, steps }) => {
      const scrolled = window as unknown as { wheelDirection?: number };
      scrolled.wheelDirection = -(scrolled.wheelDirection ?? -1);
      const wheel = (id: string): void => {
        document.querySelector(`.viewport[data-cell="${id}"]`)?.dispatchEvent(
          new WheelEvent('wheel', {
            deltaY: 60 * (scrolled.wheelDirection ?? 1),
            bubbles: true,
            cancelable: true,
          }),
        );
      };
      const elements = [...document.querySelectorAll<HTMLElement>('.picture')];
      if (elements.length < count) throw new Error(`There are ${elements.length} pictures on the page`);
      for (let n = 0; n < steps; n++) {
        const drawn = new Set<HTMLElement>();
        await new Promise<void>((resolve) => {
          const note = (event: Event): void => {
            drawn.add(event.currentTarget as HTMLElement);
            if (drawn.size < count) return;
            for (const element of elements) element.removeEventListener('CORNERSTONE_IMAGE_RENDERED', note);
            resolve();
          };
          for (const element of elements) element.addEventListener('CORNERSTONE_IMAGE_RENDERED', note);
          for (const id of ids) wheel(id);
        });
      }
    },
    { ids: [...cells], count: pictures, steps: STEPS },
  );
}

/** The same on the bare page. */
export function scrollBare(page: Page): Promise<void> {
  return page.evaluate(async (steps) => {
    const { bare } = window as unknown as { bare: { scroll: (steps: number) => Promise<void> } };
    await bare.scroll(steps);
  }, STEPS);
}
