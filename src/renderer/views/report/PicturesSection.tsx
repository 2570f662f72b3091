import { Button, Checkbox, NativeSelect } from '@mantine/core';
import { CircleCheck } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type ErrorData, toErrorData } from '../../../core/errors.ts';
import { CopyButton } from '../../components/CopyButton.tsx';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { usePickFolder } from '../../components/usePickFolder.tsx';
import {
  download,
  fileName,
  type PictureChoice,
  savePicture,
  takePicture,
  writeCasePage,
} from '../../state/pictureActions.ts';
import { useSettings } from '../../state/settings.ts';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { Section } from '../review/Section.tsx';

type Outcome = { readonly path: string } | { readonly error: ErrorData };

/** Pictures of the views, and the page of the case. */
export function PicturesSection(): ReactNode {
  const [what, setWhat] = useState<PictureChoice['what']>('all');
  const [overlays, setOverlays] = useState(true);
  const [withPatient, setWithPatient] = useState(false);
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | undefined>(undefined);
  const hasEnhanced = useApp((state) => state.enhanced !== null);
  const start = useSettings((settings) => settings.exportFolder) || undefined;

  const attempt = async (work: () => Promise<string | undefined>): Promise<void> => {
    setBusy(true);
    setOutcome(undefined);
    try {
      const path = await work();
      if (path !== undefined) setOutcome({ path });
    } catch (error) {
      setOutcome({ error: toErrorData(error) });
    } finally {
      setBusy(false);
    }
  };
  const toDownloads = (): Promise<void> =>
    attempt(async () => {
      download(await takePicture({ what, overlays }), fileName('png'));
      return undefined;
    });
  const picture = usePickFolder(
    text.report.folderTitle,
    (folder) => void attempt(() => savePicture({ what, overlays }, folder)),
  );
  const page = usePickFolder(
    text.report.folderTitle,
    (folder) => void attempt(() => writeCasePage(folder, { overlays, withPatient })),
  );
  return (
    <Section title={text.report.title}>
      <p className="dim small">{text.report.intro}</p>
      <NativeSelect
        label={text.report.what}
        value={what}
        data={[
          { value: 'all', label: text.report.all },
          { value: 'one', label: text.report.one },
        ]}
        onChange={(event) => setWhat(event.currentTarget.value === 'one' ? 'one' : 'all')}
      />
      <Checkbox
        label={text.report.overlays}
        checked={overlays}
        onChange={(event) => setOverlays(event.currentTarget.checked)}
      />
      <div className="row wrap">
        <Button variant="default" size="compact-xs" disabled={busy} onClick={() => void toDownloads()}>
          {text.report.download}
        </Button>
        <Button variant="default" size="compact-xs" disabled={busy} onClick={() => picture.pick(start)}>
          {text.report.save}
        </Button>
      </div>
      <Checkbox
        label={text.report.withPatient}
        checked={withPatient}
        onChange={(event) => setWithPatient(event.currentTarget.checked)}
      />
      <div>
        <Button
          variant="default"
          size="compact-xs"
          disabled={busy || !hasEnhanced}
          onClick={() => page.pick(start)}
        >
          {text.report.page}
        </Button>
      </div>
      <p className="dim small">{hasEnhanced ? text.report.pageNote : text.report.noPage}</p>
      {outcome !== undefined && <Told outcome={outcome} onDismiss={() => setOutcome(undefined)} />}
      {picture.dialog}
      {page.dialog}
    </Section>
  );
}

function Told({
  outcome,
  onDismiss,
}: {
  readonly outcome: Outcome;
  readonly onDismiss: () => void;
}): ReactNode {
  if ('error' in outcome) return <ErrorNotice error={outcome.error} onDismiss={onDismiss} />;
  return (
    <div className="stack small" role="status" data-saved={outcome.path}>
      <span className="row">
        <CircleCheck size={14} aria-hidden className="good" /> {text.report.saved}
      </span>
      <span className="mono path">{outcome.path}</span>
      <div>
        <CopyButton value={outcome.path} label={text.report.copy} />
      </div>
    </div>
  );
}
