import { type ReactNode, useEffect, useRef } from 'react';
import { sampleAt } from '../../core/volume/sampleAt.ts';
import { scale } from '../../core/volume/vec.ts';
import { formatDate, formatValue } from '../components/names.ts';
import type { Column } from '../state/columns.ts';
import { useSettings } from '../state/settings.ts';
import { currentStudy, useApp } from '../state/store.ts';
import { type DisplayWindow, useView } from '../state/view.ts';
import { text } from '../text.ts';
import { ContourLegend } from './ContourLegend.tsx';
import { orientationLetters, planePosition, type ViewPlane } from './planes.ts';
import { followPointer } from './pointerPlace.ts';
import { scaleBar } from './scaleBar.ts';
import type { CellScene } from './Viewport.tsx';
import { voxelsOf } from './voxelStore.ts';

interface LabelsProps {
  readonly scene: CellScene;
  /** What is seen now, which the words are about. */
  readonly column: Column | undefined;
  /** The image that is seen with it, where two are compared. */
  readonly beside: Column | undefined;
  readonly sliceText: string;
  readonly top: boolean;
  readonly window: DisplayWindow | undefined;
}

const LONGEST_BAR_PX = 120;
/** Of a small cell's width: beside the words on the left. */
const LONGEST_BAR_SHARE = 0.4;

/** The words over an image. What says that it is enhanced stays even when labels are off. */
export function Labels({ scene, column, beside, sliceText, top, window }: LabelsProps): ReactNode {
  const shown = useView((view) => view.showLabels);
  const { plane, focus, cell, camera } = scene;
  const position = plane === undefined || focus === null ? undefined : planePosition(plane, focus);
  const bar =
    camera === undefined
      ? undefined
      : scaleBar(camera.mmPerPixel, Math.min(LONGEST_BAR_PX, LONGEST_BAR_SHARE * camera.size.width));
  return (
    <div className="labels" aria-hidden>
      <div className="label top-left">
        {shown && column !== undefined && (
          <span className="label-title">
            <span className={`role ${column.kind}`}>{text.columns[column.kind]}</span>
            {top && <span className="label-series">{column.title}</span>}
          </span>
        )}
        {column?.note !== undefined && <span className={`label-note ${column.kind}`}>{column.note}</span>}
        <ContourLegend column={column} beside={beside} />
      </div>
      {shown && top && <Patient />}
      {shown && plane !== undefined && <Letters plane={plane} />}
      {shown && (
        <div className="label bottom-left numbers">
          <Value scene={scene} column={column} />
          <span className="label-plane">{text.planes[cell.plane]}</span>
          <span className="label-place">
            <span>{sliceText}</span>
            {position !== undefined && (
              <span>{`${position.letter} ${position.mm.toFixed(1)} ${text.units.mm}`}</span>
            )}
          </span>
        </div>
      )}
      {shown && (
        <div className="label bottom-right numbers">
          {bar !== undefined && (
            <span className="scale-bar" style={{ width: bar.pixels }} data-mm={bar.lengthMm}>
              {`${bar.value} ${text.units[bar.unit]}`}
            </span>
          )}
          {window !== undefined && (
            <span className="label-window">
              {text.viewer.windowValues(formatValue(window.center), formatValue(window.width))}
            </span>
          )}
        </div>
      )}
    </div>
  );
}

function Letters({ plane }: { readonly plane: ViewPlane }): ReactNode {
  return (
    <>
      <span className="letter letter-left">{orientationLetters(scale(plane.right, -1))}</span>
      <span className="letter letter-right">{orientationLetters(plane.right)}</span>
      <span className="letter letter-top">{orientationLetters(scale(plane.down, -1))}</span>
      <span className="letter letter-bottom">{orientationLetters(plane.down)}</span>
    </>
  );
}

function Patient(): ReactNode {
  const shown = useView((view) => view.showPatient);
  const isHidden = useSettings((settings) => settings.hidePatient);
  const study = useApp(currentStudy);
  if (!shown || isHidden || study === undefined) return null;
  const name = study.patientName.replaceAll('^', ' ').trim();
  return (
    <div className="label top-right">
      {[name, study.patientId, formatDate(study.date)]
        .filter((words) => words !== '')
        .map((words) => (
          <span key={words}>{words}</span>
        ))}
    </div>
  );
}

/** The value of this image where the pointer is, in this cell or another. */
function Value({ scene, column }: Pick<LabelsProps, 'scene' | 'column'>): ReactNode {
  const element = useRef<HTMLSpanElement>(null);
  const key = column?.key;
  const hasCamera = scene.camera !== undefined;
  useEffect(() => {
    if (key === undefined || !hasCamera) return;
    return followPointer((place) => {
      const image = voxelsOf(key);
      const value =
        place === undefined || image === undefined ? Number.NaN : sampleAt(image, place.lps, 'nearest');
      if (element.current !== null) {
        element.current.textContent = Number.isNaN(value) ? '' : text.viewer.value(formatValue(value));
      }
    });
  }, [key, hasCamera]);
  return <span ref={element} className="value" />;
}
