import { CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { CopyButton } from '../../components/CopyButton.tsx';
import { formatSize } from '../../components/names.ts';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';

const SHOWN = 4;

/** Where the files went. */
export function Exported(): ReactNode {
  const exported = useApp((state) => state.exported);
  if (exported === null) return null;
  const { files, companions, folder, seriesUid, size } = exported.output;
  const place = folder ?? files[0] ?? '';
  return (
    <section
      className="outcome"
      role="status"
      aria-label={text.export.done(files.length)}
      data-exported={place}
    >
      <h3 className="row">
        <CircleCheck size={15} aria-hidden className="good" /> {text.export.done(files.length)}
      </h3>
      <div className="field">
        <span className="field-label">{text.export.where}</span>
        <span className="mono path">{place}</span>
        <div>
          <CopyButton value={place} />
        </div>
      </div>
      <dl className="facts small">
        <div>
          <dt>{text.enhance.size}</dt>
          <dd className="numbers">{formatSize(size)}</dd>
        </div>
        <div>
          <dt>{text.export.seriesUid}</dt>
          <dd className="mono path">{seriesUid}</dd>
        </div>
        <div>
          <dt>{text.enhance.clipped}</dt>
          <dd className="numbers">{exported.clipped}</dd>
        </div>
      </dl>
      <ul className="files small mono dim">
        {files.slice(0, SHOWN).map((file) => (
          <li key={file}>{file.split(/[\\/]/).at(-1)}</li>
        ))}
        {files.length > SHOWN && <li>{text.export.more(files.length - SHOWN)}</li>}
        {companions.length > 0 && <li>{text.export.beside(companions.length)}</li>}
        {companions.map((file) => (
          <li key={file}>{file.split(/[\\/]/).at(-1)}</li>
        ))}
      </ul>
    </section>
  );
}
