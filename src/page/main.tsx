import { render } from 'preact';
import { App } from './App';
import { Site, SiteContext } from './lib/site';
import { reasonOf } from './lib/useAsync';
import { openFetchSource } from './source/fetchSource';

const place = document.getElementById('app') as HTMLElement;

openFetchSource().then(
  (source) =>
    render(
      <SiteContext.Provider value={new Site(source)}>
        <App />
      </SiteContext.Provider>,
      place,
    ),
  (error: unknown) => render(<p role="alert">The page’s content does not come: {reasonOf(error)}</p>, place),
);
