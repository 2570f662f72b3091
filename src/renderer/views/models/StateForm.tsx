import { Button, Textarea, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { changeModelState, type StatedModel } from '../../state/modelsActions.ts';
import { type StateChange, setModels, useModels } from '../../state/modelsStore.ts';
import { useSettings } from '../../state/settings.ts';
import { text } from '../../text.ts';

/** Who changes a model's state, and why; told beforehand what that does. */
export function StateForm(props: {
  readonly model: StatedModel;
  readonly change: StateChange;
  readonly busy: boolean;
}): ReactNode {
  const { model, change, busy } = props;
  const kept = useSettings((settings) => settings.user);
  const [user, setUser] = useState(kept);
  const notes = useModels((state) => state.notes);
  const words = {
    accept: text.models.reallyAccept(model.id),
    retire: text.models.reallyRetire(model.id),
    rollBack: text.models.reallyRollBack(model.id, model.predecessor),
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void changeModelState(model, change, user.trim());
      }}
    >
      <p className="small">{words[change]}</p>
      <TextInput
        label={text.models.user}
        description={text.models.userHint}
        value={user}
        disabled={busy}
        maxLength={100}
        required
        withAsterisk={false}
        autoComplete="name"
        data-autofocus
        onChange={(event) => setUser(event.currentTarget.value)}
      />
      <Textarea
        size="xs"
        label={text.models.notes}
        value={notes}
        disabled={busy}
        maxLength={2000}
        rows={2}
        onChange={(event) => setModels({ notes: event.currentTarget.value })}
      />
      <div className="row end">
        <Button variant="default" disabled={busy} onClick={() => setModels({ change: null })}>
          {text.models.cancel}
        </Button>
        <Button type="submit" disabled={busy || user.trim() === ''}>
          {text.models[change]}
        </Button>
      </div>
    </form>
  );
}
