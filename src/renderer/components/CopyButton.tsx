import { Button } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { text } from '../text.ts';

/** Copies a text; falls back to a selection where the clipboard is denied. */
export function CopyButton(props: {
  /** A function where the text costs something to make. */
  readonly value: string | (() => string);
  readonly label?: string;
}): ReactNode {
  const { value, label = text.export.copy } = props;
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (): Promise<void> => {
    const words = typeof value === 'string' ? value : value();
    try {
      await navigator.clipboard.writeText(words);
    } catch {
      const area = document.createElement('textarea');
      area.value = words;
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
    setCopied(true);
  };
  return (
    <Button
      variant="default"
      size="compact-xs"
      leftSection={copied ? <Check size={13} aria-hidden /> : <Copy size={13} aria-hidden />}
      onClick={() => void copy()}
    >
      {copied ? text.export.copied : label}
    </Button>
  );
}
