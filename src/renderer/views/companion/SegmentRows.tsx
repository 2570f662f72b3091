import { Button, NativeSelect, TextInput } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { SEGMENT_MEANINGS } from '../../../core/dicom/derived/segmentCodes.ts';
import type { SegmentDraft } from '../../state/companionStore.ts';
import { text } from '../../text.ts';

const MEANINGS = Object.entries(SEGMENT_MEANINGS).map(([name, { type }]) => ({
  value: name,
  label: type.meaning,
}));

/** Which label of a labelmap is what. */
export function SegmentRows(props: {
  readonly segments: readonly SegmentDraft[];
  readonly disabled: boolean;
  readonly onChange: (segments: SegmentDraft[]) => void;
}): ReactNode {
  const { segments, disabled, onChange } = props;
  const change = (n: number, part: Partial<SegmentDraft>): void =>
    onChange(segments.map((one, at) => (at === n ? { ...one, ...part } : one)));
  return (
    <fieldset className="stack">
      <legend className="field-label">{text.companion.segments}</legend>
      {segments.map((segment, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name but their place
        <div className="row bottom" key={n}>
          <TextInput
            aria-label={text.companion.label(n + 1)}
            value={segment.value}
            disabled={disabled}
            inputMode="numeric"
            pattern="[0-9]{1,5}"
            required
            onChange={(event) => change(n, { value: event.currentTarget.value })}
          />
          <NativeSelect
            className="grow"
            aria-label={text.companion.meaning(n + 1)}
            value={segment.meaning}
            disabled={disabled}
            data={MEANINGS}
            onChange={(event) => change(n, { meaning: event.currentTarget.value })}
          />
          <button
            type="button"
            className="icon-button"
            aria-label={text.companion.remove(n + 1)}
            disabled={disabled || segments.length === 1}
            onClick={() => onChange(segments.filter((_, at) => at !== n))}
          >
            <X size={14} aria-hidden />
          </button>
        </div>
      ))}
      <div>
        <Button
          variant="default"
          size="compact-xs"
          disabled={disabled}
          leftSection={<Plus size={13} aria-hidden />}
          onClick={() => onChange([...segments, { value: String(segments.length + 1), meaning: 'tissue' }])}
        >
          {text.companion.add}
        </Button>
      </div>
    </fieldset>
  );
}
