import { INTENDED_USE } from '../models/card.ts';
import { escapeMarkup } from './markup.ts';

export interface LivePage {
  readonly title: string;
  /** The curves as `curvesSvg` draws them; they are put in as they are. */
  readonly svg: string;
  /** How far it is, line by line. */
  readonly status: string;
  /** A finished page stays as it is. */
  readonly finished: boolean;
  /** What else must be told, such as a warning; empty where there is nothing. */
  readonly notice: string;
}

/** How often a page looks whether there is a newer one. */
const RELOAD_SECONDS = 10;

/**
 * A page that shows a training while it runs: one file of HTML without scripts, which nothing outside it is
 * fetched for. The browser loads it again every ten seconds until it is finished.
 */
export function livePage({ title, svg, status, finished, notice }: LivePage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
${finished ? '' : `<meta http-equiv="refresh" content="${RELOAD_SECONDS}">\n`}<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title)}</title>
<style>
body { font: 15px/1.5 system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; color: #1c1c1c; background: #f4f4f4; max-width: 892px; margin: 24px auto; padding: 0 16px; }
h1 { font-size: 20px; margin: 0 0 8px; overflow-wrap: anywhere; }
.status { white-space: pre-line; font-variant-numeric: tabular-nums; margin: 0 0 16px; }
.notice { border-left: 4px solid #d55e00; background: #fff; padding: 8px 12px; margin: 0 0 16px; white-space: pre-line; }
svg { display: block; max-width: 100%; height: auto; border: 1px solid #d4d4d4; }
footer { color: #5f5f5f; font-size: 13px; margin-top: 12px; }
</style>
</head>
<body>
<h1>${escapeMarkup(title)}</h1>
<p class="status" role="status">${escapeMarkup(status)}</p>
${notice === '' ? '' : `<p class="notice">${escapeMarkup(notice)}</p>\n`}${svg.trim()}
<footer><strong>${INTENDED_USE}</strong> ${finished ? 'The training has ended.' : `This page loads itself again every ${RELOAD_SECONDS} seconds.`}</footer>
</body>
</html>
`;
}
