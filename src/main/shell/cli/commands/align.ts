import { resolve } from 'node:path';
import type { Alignment } from '../../../../core/contract/aligning.ts';
import type { RequestInput } from '../../../../core/contract/operations.ts';
import type { Arguments } from '../command.ts';
import { type Command, command } from '../command.ts';
import { selector, text, transformFile } from '../requestParts.ts';
import { describeRegistration } from '../words.ts';

/** How a reference lies on its target, as the Align screen shows it. */
export const alignCommands: readonly Command[] = [
  command({
    name: 'align',
    operation: 'align',
    usage:
      'tandem align [STUDY] --target T --reference R [--start X.tfm] [--plane axial|sagittal|coronal] [--json]',
    summary: 'Registers a reference onto its target, with the verdict and how well every slice agrees',
    positionals: 1,
    options: { target: text, reference: text, start: text, plane: text },
    request: (args) => ({ ...pairOf(args), start: transformFile(args, 'start') }),
    print: describe,
  }),
  command({
    name: 'align judge',
    operation: 'judgeAlignment',
    usage:
      'tandem align judge [STUDY] --target T --reference R [--transform X.tfm] [--plane axial|sagittal|coronal] [--json]',
    summary: 'Judges a given position of the reference, or that of the headers, without moving anything',
    positionals: 1,
    options: { target: text, reference: text, transform: text, plane: text },
    request: (args) => ({ ...pairOf(args), position: transformFile(args, 'transform') }),
    print: describe,
  }),
];

function pairOf(args: Arguments) {
  const study = args.positionals[0] === undefined ? undefined : resolve(args.positionals[0]);
  return {
    target: selector(study, args.required('target')),
    reference: selector(study, args.required('reference')),
    plane: args.text('plane') as RequestInput<'align'>['plane'],
  };
}

function describe({ registration, motion, slices, outOfLine }: Alignment): string {
  const [x, y, z] = motion.rotationDeg.map((angle) => angle.toFixed(2));
  const [left, posterior, superior] = motion.translationMm.map((mm) => mm.toFixed(2));
  const curve = slices.map(({ positionMm, agreement, coverage }, n) => {
    const value = agreement === null ? '  –  ' : agreement.toFixed(3);
    const mark = outOfLine.includes(n + 1) ? '  below its neighbours' : '';
    return `  slice ${String(n + 1).padStart(3)}  ${positionMm.toFixed(1).padStart(7)} mm  agreement ${value}  covered ${Math.round(coverage * 100)} %${mark}`;
  });
  return [
    describeRegistration(registration),
    `reference turned by ${x}° about left, ${y}° about posterior, ${z}° about superior; ` +
      `moved by ${left} mm to the left, ${posterior} mm to posterior, ${superior} mm to superior`,
    ...curve,
  ].join('\n');
}
