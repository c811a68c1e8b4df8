/* Search as people type it: every word must be somewhere, in any order and case. */

export type Matcher = (haystack: string) => boolean;

export function matcher(query: string): Matcher {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    return (haystack) => {
        const text = haystack.toLowerCase();
        return words.every((word) => text.includes(word));
    };
}
