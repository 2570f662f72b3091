// @vitest-environment jsdom
import { fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { MEASUREMENT_KINDS } from '../../../src/core/volume/measurement.ts';
import { COMMANDS } from '../../../src/renderer/commands/index.ts';
import { setView, TOOLS, useView } from '../../../src/renderer/state/view.ts';
import { text } from '../../../src/renderer/text.ts';
import { ToolBar } from '../../../src/renderer/views/review/ToolBar.tsx';
import { show } from '../page.tsx';

const buttons = () => within(screen.getByRole('toolbar')).getAllByRole('button');
const pressed = () => buttons().filter((button) => button.getAttribute('aria-pressed') === 'true');
const stops = () => buttons().filter((button) => button.tabIndex === 0);

describe('the toolbar of tools', () => {
  it('has every tool once, by name, with its key, those that measure together', () => {
    show(<ToolBar />);
    expect(
      buttons()
        .map((button) => button.getAttribute('aria-label'))
        .sort(),
    ).toEqual(TOOLS.map((tool) => text.review.tools[tool]).sort());
    const measuring = within(screen.getByRole('group', { name: 'Measure' })).getAllByRole('button');
    expect(measuring.map(({ dataset }) => dataset.tool)).toEqual(MEASUREMENT_KINDS);
    const length = screen.getByRole('button', { name: 'Length' });
    expect(length.title).toBe('Length (D)');
    expect(length.getAttribute('aria-keyshortcuts')).toBe('d');
    // What is seen is part of what is said (WCAG 2.5.3).
    for (const button of buttons()) {
      expect(button.getAttribute('aria-label')).toContain(button.textContent);
    }
    for (const tool of TOOLS) {
      const keys = COMMANDS.find(({ id }) => id === `tool.${tool}`)?.keys;
      expect(keys).toHaveLength(1);
    }
  });

  it('shows which one is in use, however it was chosen', () => {
    show(<ToolBar />);
    expect(pressed().map(({ dataset }) => dataset.tool)).toEqual(['window']);
    fireEvent.click(screen.getByRole('button', { name: 'Angle' }));
    expect(useView.getState().tool).toBe('angle');
    expect(pressed().map(({ dataset }) => dataset.tool)).toEqual(['angle']);
  });

  it('is one stop for Tab, at the tool in use, and arrows go round inside', () => {
    setView({ tool: 'pan' });
    show(<ToolBar />);
    expect(stops().map(({ dataset }) => dataset.tool)).toEqual(['pan']);
    stops()[0]!.focus();
    const press = (key: string): boolean => fireEvent.keyDown(document.activeElement!, { key });
    const at = () => (document.activeElement as HTMLElement).dataset.tool;
    // The key is the toolbar's: it does not scroll the slices as well.
    expect(press('ArrowRight')).toBe(false);
    expect(at()).toBe('zoom');
    expect(stops().map(({ dataset }) => dataset.tool)).toEqual(['zoom']);
    press('Home');
    expect(at()).toBe('window');
    press('ArrowLeft');
    expect(at()).toBe('profile');
    press('ArrowRight');
    expect(at()).toBe('window');
    press('End');
    expect(at()).toBe('profile');
    expect(press('ArrowDown')).toBe(true);
    expect(at()).toBe('profile');
    // The arrows move the focus, not the choice.
    expect(useView.getState().tool).toBe('pan');
    fireEvent.blur(document.activeElement!, { relatedTarget: document.body });
    expect(stops().map(({ dataset }) => dataset.tool)).toEqual(['pan']);
  });
});
