import type { ReactNode } from 'react';
import { Missing } from '../../components/Missing.tsx';
import { PanelBoundary } from '../../components/PanelBoundary.tsx';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { PicturesSection } from '../report/PicturesSection.tsx';
import { CineSection } from './CineSection.tsx';
import { CompareSection } from './CompareSection.tsx';
import { ContourSection } from './contours/ContourSection.tsx';
import { DisplaySection } from './DisplaySection.tsx';
import { LabelmapSection } from './LabelmapSection.tsx';
import { LayoutSection } from './LayoutSection.tsx';
import { MeasureSection } from './MeasureSection.tsx';
import { WindowSection } from './WindowSection.tsx';

/** The sections, each of which can break by itself. */
const SECTIONS: readonly (readonly [name: string, Section: () => ReactNode])[] = [
  [text.review.layout, LayoutSection],
  [text.review.compare.title, CompareSection],
  [text.measure.title, MeasureSection],
  [text.contours.title, ContourSection],
  [text.review.window, WindowSection],
  [text.review.display, DisplaySection],
  [text.review.cine.title, CineSection],
  [text.review.labelmap.title, LabelmapSection],
  [text.report.title, PicturesSection],
];

/** How the images are laid out, shown, compared and measured. */
export function ReviewView(): ReactNode {
  const hasTarget = useApp((state) => state.targetUid !== null);
  if (!hasTarget) return <Missing>{text.review.nothing}</Missing>;
  return (
    <div className="panel-content">
      {SECTIONS.map(([name, Section]) => (
        <PanelBoundary key={name} name={name}>
          <Section />
        </PanelBoundary>
      ))}
    </div>
  );
}
