// The parts of the frameworks that the hooks use. The frameworks are optional peers of the package.
// tests/compat/types checks the declarations of the entries against the frameworks' own.

declare module "react" {
  export function useEffect(effect: () => unknown, deps: unknown[]): void;
  export function useInsertionEffect(effect: () => void): void;
  export function useMemo<Value>(make: () => Value, deps: unknown[]): Value;
  export function useRef<Value>(value: Value): { current: Value };
  export function useState<Value>(value: Value): [Value, (value: Value) => void];
  export function useSyncExternalStore<Value>(
    subscribe: (changed: () => void) => () => void,
    get: () => Value,
    getOnServer: () => Value,
  ): Value;
}

declare module "vue" {
  export interface Ref<Value> {
    value: Value;
  }
  export interface ShallowRef<Value> extends Ref<Value> {}
  export type MaybeRef<Value> = Value | Ref<Value>;
  interface Scope {
    run(call: () => void): void;
  }
  export function computed<Value>(get: () => Value): { readonly value: Value };
  export function getCurrentInstance(): object | null;
  export function getCurrentScope(): Scope | undefined;
  export function isRef(value: unknown): value is Ref<unknown>;
  export function onMounted(call: () => void): void;
  export function shallowRef<Value>(value: Value): ShallowRef<Value>;
  export function unref<Value>(value: MaybeRef<Value>): Value;
  export function watch<Value>(
    source: () => Value,
    run: (value: Value, old: unknown, onCleanup: (call: () => void) => void) => void,
    options: { immediate: boolean },
  ): void;
}

declare module "svelte" {
  export function onMount(call: () => () => void): void;
}
