import { CircleAlert, X } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import type { ErrorData } from '../../core/errors.ts';
import { text } from '../text.ts';

/** An error where it happened: what, which file, what to do. */
export function ErrorNotice(props: {
  readonly error: ErrorData;
  readonly title?: string;
  readonly onDismiss?: () => void;
  readonly children?: ReactNode;
}): ReactNode {
  const { error, title, onDismiss, children } = props;
  const notice = useRef<HTMLDivElement>(null);
  useEffect(() => {
    notice.current?.scrollIntoView?.({ block: 'nearest' });
  }, []);
  return (
    <div ref={notice} className="notice notice-error" role="alert" data-code={error.code}>
      <CircleAlert size={15} aria-hidden className="notice-icon" />
      <div className="notice-body">
        {title !== undefined && <strong>{title}</strong>}
        <span>{error.message}</span>
        {error.path !== undefined && <span className="mono path">{error.path}</span>}
        {error.hint !== undefined && <span className="dim">{error.hint}</span>}
        {children}
      </div>
      {onDismiss !== undefined && (
        <button type="button" className="icon-button" aria-label={text.errors.dismiss} onClick={onDismiss}>
          <X size={14} aria-hidden />
        </button>
      )}
    </div>
  );
}
