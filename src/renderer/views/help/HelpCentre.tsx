import { Button, Modal, Tabs, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { currentStudy, setApp, useApp } from '../../state/store.ts';
import type { HelpTopic } from '../../text/helpPages.ts';
import { text } from '../../text.ts';
import { TryIt } from '../tour/TryIt.tsx';
import { DiagnosticsPage } from './DiagnosticsPage.tsx';
import { searchHelp } from './searchHelp.ts';

export const HELP_TABS = ['pages', 'diagnostics'] as const;
export type HelpTab = (typeof HELP_TABS)[number];

/** Short pages about each task, searched by words, and the diagnostics. */
export function HelpCentre(): ReactNode {
  const tab = useApp((state) => state.helpTab);
  return (
    <Modal
      opened={tab !== null}
      onClose={close}
      title={text.helpCentre.title}
      size="xl"
      closeButtonProps={{ 'aria-label': text.help.close }}
    >
      <Tabs value={tab ?? 'pages'} onChange={(value) => setApp({ helpTab: value as HelpTab })}>
        <Tabs.List>
          {HELP_TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {text.helpCentre[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="pages" pt="md">
          <Pages />
        </Tabs.Panel>
        <Tabs.Panel value="diagnostics" pt="md">
          {tab === 'diagnostics' && <DiagnosticsPage />}
        </Tabs.Panel>
      </Tabs>
    </Modal>
  );
}

function close(): void {
  setApp({ helpTab: null });
}

function openShortcuts(): void {
  setApp({ helpTab: null, helpOpen: true });
}

function Pages(): ReactNode {
  const [asked, setAsked] = useState('');
  const current = useApp((state): HelpTopic => (currentStudy(state) === undefined ? 'start' : state.task));
  const [chosen, setChosen] = useState<HelpTopic>(current);
  const found = searchHelp(asked, text.helpPages);
  const shown = found.includes(chosen) ? chosen : found[0];
  const page = shown === undefined ? undefined : text.helpPages[shown];
  return (
    <div className="help-pages">
      <div className="stack help-topics">
        <TextInput
          label={text.helpCentre.search}
          value={asked}
          onChange={(event) => setAsked(event.currentTarget.value)}
          data-autofocus
        />
        <ul aria-label={text.helpCentre.topics}>
          {found.map((topic) => (
            <li key={topic}>
              <button
                type="button"
                className="folder"
                aria-current={topic === shown ? 'page' : undefined}
                onClick={() => setChosen(topic)}
              >
                {text.helpPages[topic].title}
              </button>
            </li>
          ))}
        </ul>
        <Button variant="default" size="compact-xs" onClick={openShortcuts}>
          {text.helpCentre.shortcuts}
        </Button>
      </div>
      <article className="stack help-page" aria-live="polite">
        {page === undefined ? (
          <p className="dim">{text.helpCentre.nothing}</p>
        ) : (
          <>
            <h3>{page.title}</h3>
            {page.paragraphs.map((paragraph) => (
              <p key={paragraph}>{paragraph}</p>
            ))}
            {shown === 'start' && <TryIt onStart={close} />}
          </>
        )}
      </article>
    </div>
  );
}
