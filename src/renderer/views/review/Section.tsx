import type { ReactNode } from 'react';

/** A part of the panel that can be folded away. */
export function Section(props: {
  readonly title: string;
  readonly open?: boolean;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <details className="section" open={props.open ?? false}>
      <summary className="field-label">{props.title}</summary>
      <div className="section-content">{props.children}</div>
    </details>
  );
}
