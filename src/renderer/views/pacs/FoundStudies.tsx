import type { ReactNode } from 'react';
import { formatDate } from '../../components/names.ts';
import { chooseStudy } from '../../state/findActions.ts';
import { type Match, usePacs } from '../../state/pacsStore.ts';
import { text } from '../../text.ts';

/** The studies that were found, the newest first; one is chosen by its patient's name. */
export function FoundStudies({ studies }: { readonly studies: readonly Match[] }): ReactNode {
  const { columns } = text.pacsFind;
  return (
    <section className="table-place studies-table" aria-label={text.pacsFind.studies} tabIndex={-1}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{columns.patient}</th>
            <th scope="col">{columns.id}</th>
            <th scope="col">{columns.date}</th>
            <th scope="col">{columns.description}</th>
            <th scope="col">{columns.modalities}</th>
            <th scope="col" className="number">
              {columns.series}
            </th>
            <th scope="col" className="number">
              {columns.images}
            </th>
            <th scope="col">{columns.accession}</th>
          </tr>
        </thead>
        <tbody>
          {studies.map((study) => (
            <Row key={study.StudyInstanceUID} study={study} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ study }: { readonly study: Match }): ReactNode {
  const uid = study.StudyInstanceUID ?? '';
  const isChosen = usePacs((state) => state.studyUid === uid);
  const name = (study.PatientName ?? '').replaceAll('^', ' ').trim() || text.pacsFind.unnamed;
  return (
    <tr data-study={uid} data-chosen={isChosen}>
      <th scope="row">
        <button
          type="button"
          className="link"
          aria-pressed={isChosen}
          disabled={uid === ''}
          onClick={() => void chooseStudy(uid)}
        >
          {name}
        </button>
      </th>
      <td>{study.PatientID}</td>
      <td className="numbers nowrap">{formatDate(study.StudyDate ?? '')}</td>
      <td>{study.StudyDescription}</td>
      <td>{study.ModalitiesInStudy?.replaceAll('\\', ', ')}</td>
      <td className="number numbers">{study.NumberOfStudyRelatedSeries ?? text.pacsFind.unknown}</td>
      <td className="number numbers">{study.NumberOfStudyRelatedInstances ?? text.pacsFind.unknown}</td>
      <td>{study.AccessionNumber}</td>
    </tr>
  );
}
