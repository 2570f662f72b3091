import { closeModels, openModels } from '../state/modelsActions.ts';
import { useModels } from '../state/modelsStore.ts';
import { text } from '../text.ts';
import type { Command } from './command.ts';

export const modelsCommands: readonly Command[] = [
  {
    id: 'models.open',
    title: text.models.open,
    group: 'window',
    keys: ['Shift+m'],
    run: () => (useModels.getState().isOpen ? closeModels() : openModels()),
  },
  {
    id: 'models.finetune',
    title: text.finetune.open,
    group: 'window',
    run: () => openModels('finetune'),
  },
];
