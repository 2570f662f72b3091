import type { ReactNode } from 'react';
import { scale, type Vec3 } from '../../core/volume/vec.ts';
import { formatValue } from '../components/names.ts';
import type { Column } from '../state/columns.ts';
import { type DisplayWindow, type PlaneName, useView } from '../state/view.ts';
import { text } from '../text.ts';
import { orientationLetters, planePosition, type ViewPlane } from './planes.ts';

interface LabelsProps {
  readonly column: Column;
  readonly planeName: PlaneName;
  readonly plane: ViewPlane | undefined;
  readonly sliceText: string;
  readonly top: boolean;
  readonly window: DisplayWindow | undefined;
  readonly focus: Vec3 | null;
}

/** The words over an image. What says that it is enhanced stays even when labels are off. */
export function Labels({ column, planeName, plane, sliceText, top, window, focus }: LabelsProps): ReactNode {
  const shown = useView((view) => view.showLabels);
  const position = plane === undefined || focus === null ? undefined : planePosition(plane, focus);
  return (
    <div className="labels" aria-hidden>
      <div className="label top-left">
        {shown && (
          <span className="label-title">
            <span className={`role ${column.kind}`}>{text.columns[column.kind]}</span>
            {top && <span className="label-series">{column.title}</span>}
          </span>
        )}
        {column.note !== undefined && <span className={`label-note ${column.kind}`}>{column.note}</span>}
      </div>
      {shown && plane !== undefined && (
        <>
          <span className="letter letter-left">{orientationLetters(scale(plane.right, -1))}</span>
          <span className="letter letter-right">{orientationLetters(plane.right)}</span>
          <span className="letter letter-top">{orientationLetters(scale(plane.down, -1))}</span>
          <span className="letter letter-bottom">{orientationLetters(plane.down)}</span>
        </>
      )}
      {shown && (
        <div className="label bottom-left numbers">
          <span>{text.planes[planeName]}</span>
          <span>
            {sliceText}
            {position !== undefined && `   ${position.letter} ${position.mm.toFixed(1)} ${text.units.mm}`}
          </span>
        </div>
      )}
      {shown && window !== undefined && (
        <div className="label bottom-right numbers">
          <span>{text.viewer.windowValues(formatValue(window.center), formatValue(window.width))}</span>
        </div>
      )}
    </div>
  );
}
