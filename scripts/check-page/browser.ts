import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface OpenOptions extends BrowserContextOptions {
  /** Allows WebGPU, which is SwiftShader where there is no card. */
  webgpu?: boolean;
}

/** A browser whose pages' complaints are collected. */
export class Watched {
  readonly complaints: string[] = [];

  private constructor(private readonly browser: Browser) {}

  static async launch(program: string): Promise<Watched> {
    const args = ['--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
    return new Watched(await chromium.launch({ executablePath: program, args }));
  }

  /** A page of its own, with nothing kept from others. */
  async open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    page.on('console', (message) => {
      // What Chromium says of its software renderer, and of our looking at pixels, is no fault of the page's.
      const isOurs = !/WebGPU is experimental|powerPreference|SwiftShader|willReadFrequently/i.test(
        message.text(),
      );
      if (isOurs && (message.type() === 'error' || message.type() === 'warning')) {
        this.complaints.push(`${page.url()}: ${message.text()}`);
      }
    });
    page.on('pageerror', ({ message }) => this.complaints.push(`${page.url()}: ${message}`));
    await page.goto(url);
    return page;
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}

interface Violation {
  id: string;
  impact: string;
  nodes: { target: string[]; failureSummary: string }[];
}

/** What axe-core finds serious or worse in what a page shows now. */
export async function barriers(page: Page): Promise<string[]> {
  // By the debugging protocol, which the page's own policy does not bind.
  await page.evaluate(AXE);
  const violations = await page.evaluate<Violation[]>(
    'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)',
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) => `${id}: ${nodes[0].target.join(' ')} (${nodes.length}): ${nodes[0].failureSummary}`,
    );
}

/** The colours of a canvas as bytes of red, green and blue. */
export async function pixelsOf(page: Page, selector: string, place: number): Promise<number[]> {
  return page
    .locator(selector)
    .nth(place)
    .evaluate((element) => {
      const canvas = element as unknown as {
        width: number;
        height: number;
        getContext(kind: '2d'): {
          getImageData(x: number, y: number, w: number, h: number): { data: Uint8ClampedArray };
        };
      };
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return Array.from(data).filter((_, i) => i % 4 !== 3);
    });
}
