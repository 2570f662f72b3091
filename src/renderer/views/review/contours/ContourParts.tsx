import { Button } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { goToSlice } from '../../../state/contourSlices.ts';
import {
  currentCorrection,
  currentLabels,
  type Outline,
  outlineName,
  useContours,
} from '../../../state/contours.ts';
import { text } from '../../../text.ts';

const MOST_PARTS = 6;
const words = text.contours;

/** What was found in each image: its parts, how steady the network is about them, and what should be known. */
export function ContourParts(): ReactNode {
  const outlines = useContours((state) => state.outlines);
  return (
    <section className="stack" aria-label={words.parts}>
      <span className="field-label">{words.parts}</span>
      {outlines.map((outline) => (
        <OfImage key={outline.image} outline={outline} />
      ))}
      <p className="dim small">{words.confidenceHint}</p>
      <Warnings outlines={outlines} />
    </section>
  );
}

function OfImage({ outline }: { readonly outline: Outline }): ReactNode {
  const { found, kind, isCorrected } = outline;
  const corrected = currentCorrection(outline);
  const name = outlineName(outline);
  const count = currentLabels(outline)?.reduce((sum, { parts }) => sum + parts, 0);
  const isMulti = found.labels.length > 1;
  const nameOf = (label: number): string => found.labels.find(({ value }) => value === label)?.name ?? name;
  return (
    <div className="stack small" data-found-in={kind}>
      <strong>{words.partsOf(name, count)}</strong>
      {found.nothingFound && (
        <p role="status">
          {(isCorrected ? words.modelFoundNothing : words.nothingFound)(found.highestProbability)}
        </p>
      )}
      {corrected !== undefined && (
        <p>
          {corrected.nothingFound
            ? words.nothingLeft
            : words.changes(corrected.addedMl.toFixed(2), corrected.removedMl.toFixed(2))}
        </p>
      )}
      {isCorrected && found.parts.length > 0 && <p className="dim">{words.partsFound}</p>}
      <ul className="contour-parts">
        {found.parts.slice(0, MOST_PARTS).map((part, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts have an order and no names
          <li key={n} className="row numbers">
            <Button
              variant="default"
              size="compact-xs"
              aria-label={words.goToPart(
                isMulti ? nameOf(part.label) : name,
                n + 1,
                part.ml.toFixed(2),
                part.slice,
              )}
              onClick={() => goToSlice(part.slice - 1)}
            >
              {words.part(part.ml.toFixed(2), part.slice)}
            </Button>
            <span className="dim">
              {isMulti && `${nameOf(part.label)}, `}
              {part.confidence !== null && words.confidence(part.confidence)}
            </span>
          </li>
        ))}
        {found.parts.length > MOST_PARTS && (
          <li className="dim">{text.review.labelmap.moreLabels(found.parts.length - MOST_PARTS)}</li>
        )}
      </ul>
      {found.dropped > 0 && <p className="dim">{words.dropped(found.dropped)}</p>}
    </div>
  );
}

/** Each warning once, with the images that it is about where it is not about all. */
function Warnings({ outlines }: { readonly outlines: readonly Outline[] }): ReactNode {
  const told = new Map<string, { code: string; message: string; names: string[] }>();
  for (const { name, found } of outlines) {
    for (const { code, message } of found.warnings) {
      const key = `${code} ${message}`;
      const one = told.get(key) ?? { code, message, names: [] };
      if (!one.names.includes(name)) one.names.push(name);
      told.set(key, one);
    }
  }
  if (told.size === 0) return null;
  return (
    <ul className="warnings" aria-label={words.warnings}>
      {[...told].map(([key, { code, message, names }]) => (
        <li key={key} data-code={code}>
          <TriangleAlert size={13} aria-hidden className="warning-icon" />
          <span>
            {names.length < outlines.length && words.ofImages(names)}
            {message}
          </span>
        </li>
      ))}
    </ul>
  );
}
