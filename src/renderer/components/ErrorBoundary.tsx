import { Button } from '@mantine/core';
import { Component, type ErrorInfo, type ReactNode } from 'react';
import { noteWindowError } from '../state/windowErrors.ts';
import { text } from '../text.ts';

interface State {
  readonly error: Error | undefined;
}

/** An error in the window itself: said, with a way on, never a blank page. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, State> {
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
    if (error === undefined) return this.props.children;
    return (
      <div className="crashed" role="alert">
        <div className="banner">{text.banner}</div>
        <h1>{text.errors.crashed}</h1>
        <p>{text.errors.crashedHint}</p>
        <p className="mono">{error.message}</p>
        <Button onClick={() => window.location.reload()}>{text.errors.reload}</Button>
      </div>
    );
  }
}
