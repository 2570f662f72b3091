import { type ReactNode, useState } from 'react';

/** A part of the panel that can be folded away. */
export function Section(props: {
  readonly title: string;
  readonly open?: boolean;
  /** What is in it is made once it is opened for the first time. */
  readonly lazy?: boolean;
  readonly children: ReactNode;
}): ReactNode {
  const { title, open = false, lazy = false, children } = props;
  const [wasOpen, setWasOpen] = useState(open);
  return (
    <details
      className="section"
      open={open}
      onToggle={(event) => {
        if (event.currentTarget.open) setWasOpen(true);
      }}
    >
      <summary className="field-label">{title}</summary>
      <div className="section-content">{(!lazy || wasOpen) && children}</div>
    </details>
  );
}
