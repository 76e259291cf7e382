import { EngineError } from '../errors.js';

/** An error of the oneDNN backend: the message says what was expected, what came and what to do; the cause is kept. */
export class OneDnnError extends EngineError {}

/** The shared library was not found, or cannot be used. */
export class LibraryError extends OneDnnError {}

/** A native call answered with a status other than success. */
export class StatusError extends OneDnnError {
  constructor(
    readonly call: string,
    readonly status: number,
    readonly statusName: string,
    detail = '',
  ) {
    super(`oneDNN: ${call} answered ${statusName} (${status})${detail === '' ? '' : `: ${detail}`}`);
  }
}

/** The system has too little memory for a tensor. */
export class MemoryError extends OneDnnError {}

/** A kernel was called with a type, shape or attribute that it does not implement. */
export class UnsupportedError extends OneDnnError {}
