interface TabsProps {
  label: string;
  links: readonly { text: string; href: string; isCurrent: boolean }[];
}

/** Links between views of one thing. */
export function Tabs({ label, links }: TabsProps) {
  return (
    <nav class="tabs" aria-label={label}>
      <ul>
        {links.map(({ text, href, isCurrent }) => (
          <li key={href}>
            <a href={href} aria-current={isCurrent ? 'page' : undefined}>
              {text}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
