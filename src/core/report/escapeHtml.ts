const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * A text as HTML shows it, between tags or in a quoted attribute. Control characters, which no page may hold, and
 * those that turn the direction of what follows are left out.
 */
export function escapeHtml(text: string): string {
  return text
    .replaceAll(/[\u202a-\u202e\u2066-\u2069]|[^\P{Cc}\t\n]/gu, '')
    .replaceAll(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter);
}
