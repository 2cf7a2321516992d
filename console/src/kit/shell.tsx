import {
  ActionIcon,
  Anchor,
  AppShell,
  Group,
  NativeSelect,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core'
import { Link, Outlet } from '@tanstack/react-router'
import { base } from './base.ts'
import { HalfMoon, Tick } from './icons.tsx'
import { type Language, languages, useLanguage } from './language.tsx'
import type { Page } from './page.ts'
import { commonTexts, useWords } from './text.ts'

/** What stands around every page of the console. */
export function Shell({ pages }: { pages: readonly Page[] }) {
  const { language, speak } = useLanguage()
  const { words } = useWords(commonTexts)
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('light')
  return (
    <AppShell header={{ height: { base: 100, sm: 60 } }} padding={{ base: 'md', sm: 'lg' }}>
      <a href="#main" className="skip">
        {words.skip}
      </a>
      <AppShell.Header>
        <Group className="grid" h={60} justify="space-between" wrap="nowrap" gap="xs">
          <Group gap={8} wrap="nowrap">
            <Tick size={28} />
            <Text fw={700} size="lg">
              Centang
            </Text>
          </Group>
          <Group gap="sm" wrap="nowrap">
            <Group component="nav" gap="sm" wrap="nowrap" visibleFrom="sm">
              <Navigation pages={pages} />
            </Group>
            <NativeSelect
              className="language"
              aria-label={words.language}
              size="xs"
              value={language}
              onChange={(event) => speak(event.currentTarget.value as Language)}
              data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
            />
            <ActionIcon
              variant="default"
              size="md"
              aria-label={words.colors}
              onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}
            >
              <HalfMoon />
            </ActionIcon>
          </Group>
        </Group>
        {/* A row of its own where the first has no room: it scrolls sideways, and nothing of it is hidden. */}
        <Group component="nav" className="grid nav-row" h={40} gap="lg" wrap="nowrap" hiddenFrom="sm">
          <Navigation pages={pages} />
        </Group>
      </AppShell.Header>
      <AppShell.Main id="main" tabIndex={-1}>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  )
}

function Navigation({ pages }: { pages: readonly Page[] }) {
  const { language } = useLanguage()
  const { words } = useWords(commonTexts)
  return (
    <>
      {pages.map(({ path, title }) => (
        <Anchor
          key={path}
          component={Link}
          to={path}
          // Else the first page would count as open on all of them: every path begins with its own.
          activeOptions={{ exact: true }}
          className="nav"
          c="var(--mantine-color-text)"
          size="sm"
        >
          {title(language)}
        </Anchor>
      ))}
      <Anchor href={`${base}/docs`} className="nav" c="var(--mantine-color-text)" size="sm">
        {words.reference}
      </Anchor>
    </>
  )
}
