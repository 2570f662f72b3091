import type { ReactNode } from 'react';

/** A task that cannot begin yet: what is missing, in words. */
export function Missing({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <div className="panel-content">
      <p className="dim">{children}</p>
    </div>
  );
}
