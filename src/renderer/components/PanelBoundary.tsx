import { Button } from '@mantine/core';
import { CircleAlert } from 'lucide-react';
import { Component, type ErrorInfo, type ReactNode } from 'react';
import { noteWindowError } from '../state/windowErrors.ts';
import { text } from '../text.ts';

interface Props {
  /** What the part is called, in the words of the window. */
  readonly name: string;
  /** Where what is said stands: in the part's own place, or above the rest for what has none until it is opened. */
  readonly place?: 'here' | 'floating';
  readonly children: ReactNode;
}

interface State {
  readonly error: Error | undefined;
}

/** An error in one part of the window: said in its place, to be tried again, and the rest goes on. */
export class PanelBoundary extends Component<Props, State> {
  override state: State = { error: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    noteWindowError(error);
    console.error(error, info.componentStack);
  }

  override render(): ReactNode {
    const { error } = this.state;
    const { name, place = 'here', children } = this.props;
    if (error === undefined) return children;
    return (
      <div className={place === 'floating' ? 'broken floating' : 'broken'} role="alert" data-broken={name}>
        <p className="row">
          <CircleAlert size={15} aria-hidden className="notice-icon" />
          <strong>{text.errors.broken(name)}</strong>
        </p>
        <p className="dim small">{text.errors.brokenHint}</p>
        <p className="mono small path">{error.message}</p>
        <Button
          variant="default"
          size="compact-xs"
          aria-label={text.errors.retryPart(name)}
          onClick={() => this.setState({ error: undefined })}
        >
          {text.errors.retry}
        </Button>
      </div>
    );
  }
}
