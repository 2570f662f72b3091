import { Button } from '@mantine/core';
import { Crosshair, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { Measurement } from '../../../core/volume/measurement.ts';
import { addScaled, subtract, type Vec3 } from '../../../core/volume/vec.ts';
import { CopyButton } from '../../components/CopyButton.tsx';
import { formatValue } from '../../components/names.ts';
import { imageName, measurementsCsv } from '../../measure/csv.ts';
import {
  deleteAllMeasurements,
  deleteMeasurement,
  renameMeasurement,
  selectMeasurement,
} from '../../measure/measureActions.ts';
import { imagesOnScreen, statisticsOf } from '../../measure/measuredImages.ts';
import { sizeWords } from '../../measure/measuredWords.ts';
import { ProfilePlot } from '../../measure/ProfilePlot.tsx';
import type { Column } from '../../state/columns.ts';
import { useMeasurements } from '../../state/measurements.ts';
import { useApp } from '../../state/store.ts';
import { useView } from '../../state/view.ts';
import { locate } from '../../state/viewActions.ts';
import { text } from '../../text.ts';
import { Section } from './Section.tsx';

/** The measurements of the study, with what every image on the screen has there. */
export function MeasureSection(): ReactNode {
  const items = useMeasurements((state) => state.items);
  const selected = useMeasurements((state) => state.selected);
  // What is on the screen decides whose values are told.
  useView(
    useShallow(({ layout, maximised, choices, hiddenColumns, volumes, showOriginal, comparison }) => ({
      layout,
      maximised,
      choices,
      hiddenColumns,
      volumes,
      showOriginal,
      mode: comparison.mode,
      second: comparison.second,
    })),
  );
  useApp(useShallow(({ targetUid, referenceUid, enhanced }) => ({ targetUid, referenceUid, enhanced })));
  const images = imagesOnScreen();
  const words = text.measure;
  return (
    <Section title={words.title} open>
      {items.length === 0 && <p className="dim small">{words.none}</p>}
      <p className="dim small">{words.keyboardHint}</p>
      <ul className="measure-list">
        {items.map((measurement) => (
          <Item
            key={measurement.id}
            measurement={measurement}
            images={images}
            selected={measurement.id === selected}
          />
        ))}
      </ul>
      {items.length > 0 && (
        <div className="row">
          <CopyButton label={words.copyCsv} value={() => measurementsCsv(items, images)} />
          <Button variant="default" size="compact-xs" onClick={deleteAllMeasurements}>
            {words.deleteAll}
          </Button>
        </div>
      )}
    </Section>
  );
}

function Item(props: {
  readonly measurement: Measurement;
  readonly images: readonly Column[];
  readonly selected: boolean;
}): ReactNode {
  const { measurement, images, selected } = props;
  const words = text.measure;
  return (
    <li className={selected ? 'measure-item selected' : 'measure-item'} data-measured={measurement.name}>
      <div className="row">
        <input
          key={measurement.name}
          className="measure-name grow"
          aria-label={words.name(measurement.name)}
          defaultValue={measurement.name}
          onBlur={(event) => {
            const name = event.currentTarget.value.trim();
            if (name !== '' && name !== measurement.name) renameMeasurement(measurement.id, name);
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter') event.currentTarget.blur();
          }}
        />
        <span className="numbers">{sizeWords(measurement)}</span>
        <button
          type="button"
          className="icon-button"
          aria-label={words.show(measurement.name)}
          title={words.show(measurement.name)}
          onClick={() => {
            selectMeasurement(measurement.id);
            locate(middle(measurement.pointsLps));
          }}
        >
          <Crosshair size={14} aria-hidden />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={words.delete(measurement.name)}
          title={words.delete(measurement.name)}
          onClick={() => deleteMeasurement(measurement.id)}
        >
          <Trash2 size={14} aria-hidden />
        </button>
      </div>
      <Values measurement={measurement} images={images} />
      {measurement.kind === 'profile' && <ProfilePlot measurement={measurement} images={images} />}
    </li>
  );
}

function Values({
  measurement,
  images,
}: {
  readonly measurement: Measurement;
  readonly images: readonly Column[];
}): ReactNode {
  const words = text.measure;
  const rows = images.flatMap((column) => {
    const statistics = statisticsOf(measurement, column.key);
    return statistics === undefined ? [] : [{ column, statistics }];
  });
  if (rows.length === 0) return null;
  const isProbe = measurement.kind === 'probe';
  const heads = isProbe ? [words.value] : [words.mean, words.sd, words.min, words.max, words.voxels];
  return (
    <table className="measure-values numbers small">
      <thead>
        <tr>
          <th scope="col">{words.image}</th>
          {heads.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ column, statistics: { mean, sd, min, max, count } }) => (
          <tr key={column.key} data-image={column.kind}>
            <th scope="row" title={imageName(column)}>
              {text.columns[column.kind]}
            </th>
            {isProbe ? (
              <td>{formatValue(mean)}</td>
            ) : (
              <>
                <td>{formatValue(mean)}</td>
                <td>{formatValue(sd)}</td>
                <td>{formatValue(min)}</td>
                <td>{formatValue(max)}</td>
                <td>{count}</td>
              </>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function middle(points: readonly Vec3[]): Vec3 {
  const [first, ...others] = points;
  if (first === undefined) return [0, 0, 0];
  return others.reduce<Vec3>(
    (sum, point) => addScaled(sum, subtract(point, first), 1 / points.length),
    first,
  );
}
