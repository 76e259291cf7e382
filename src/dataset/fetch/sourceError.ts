import { CifarError } from '../../util/errors.js';

/**
 * What goes wrong with a source of the data set — a host that does not answer, a damaged archive — as against what goes
 * wrong on this machine, such as a full disk: after the former another source may still serve.
 */
export class SourceError extends CifarError {}
