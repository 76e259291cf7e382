/** Newton and Schulz's polynomial in Muon (Jordan et al. 2024): fast rather than exact, singular values end between .68 and 1.2. */
export const MUON_COEFFICIENTS = [3.4445, -4.775, 2.0315] as const;
