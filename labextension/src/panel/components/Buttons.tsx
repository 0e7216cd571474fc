import * as React from 'react';

import type { CellEnvironment } from '../../notebook/model';
import type { Words } from '../words';

interface ButtonProps {
  readonly label: string;
  readonly title?: string | undefined;
  readonly primary?: boolean | undefined;
  readonly onClick: () => void;
}

export function Button({ label, title, primary, onClick }: ButtonProps) {
  const look = primary ? ' jp-mod-primary' : '';
  return (
    <button type="button" className={`jp-Repro-Button${look}`} title={title} onClick={onClick}>
      {label}
    </button>
  );
}

interface CopyButtonProps {
  readonly label: string;
  readonly done: string;
  /** Resolves when the text is in the clipboard. */
  readonly onCopy: () => Promise<void>;
}

const COPIED_MS = 2000;

/** A button that says for a moment that it has copied. A failure is told by whoever copies. */
export function CopyButton({ label, done, onCopy }: CopyButtonProps) {
  const [copied, setCopied] = React.useState(false);
  React.useEffect(() => {
    if (!copied) {
      return undefined;
    }
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => {
    onCopy().then(
      () => setCopied(true),
      () => setCopied(false)
    );
  };
  return (
    <>
      <Button label={copied ? done : label} onClick={copy} />
      <span role="status" className="jp-Repro-Unseen">
        {copied ? done : ''}
      </span>
    </>
  );
}

interface CellLinkProps {
  /** None for a cell that is gone. */
  readonly cell: CellEnvironment | undefined;
  readonly words: Words;
  readonly onCell: (id: string) => void;
}

/** Leads to a cell of the notebook. */
export function CellLink({ cell, words, onCell }: CellLinkProps) {
  return cell ? (
    <button type="button" className="jp-Repro-Link" onClick={() => onCell(cell.id)}>
      {words.cellNumber(cell.index + 1)}
    </button>
  ) : null;
}
