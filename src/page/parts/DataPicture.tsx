import type { Part } from '../../report/types';
import { useSite } from '../lib/site';
import { useAsync } from '../lib/useAsync';
import { Picture } from './Picture';

interface DataPictureProps {
  part: Part;
  number: number;
  label: string;
}

/** An image of the data set. */
export function DataPicture({ part, number, label }: DataPictureProps) {
  const { source } = useSite();
  const loaded = useAsync(() => source.images(part, [number]), [source, part, number]);
  return <Picture rgb={loaded.state === 'done' ? loaded.value[0] : undefined} label={label} />;
}
