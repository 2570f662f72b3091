const STORED_AS = 'tandem.language';

/**
 * The language of the window, as it was last chosen in this browser; English where none was. Words are wanted
 * before the workstation answers: its setting is copied here, and the window starts again where it differs.
 */
export function chosenLanguage(): string {
  try {
    return window.localStorage.getItem(STORED_AS) ?? 'en';
  } catch {
    return 'en';
  }
}

/** Keeps the language for the next start. */
export function keepLanguage(tag: string): void {
  try {
    window.localStorage.setItem(STORED_AS, tag);
  } catch {
    // A blocked storage: the window stays in English.
  }
}
