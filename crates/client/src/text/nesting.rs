//! Puts entities in order: sorted, properly nested, at most one link at a time, nothing inside
//! code. What overlaps is cut where it may be cut, and dropped where it may not.

use std::collections::BinaryHeap;

use super::entities::{Entity, Kind};

/// The entities as they are stored and sent.
pub fn tidy(mut entities: Vec<Entity>) -> Vec<Entity> {
    entities.retain(|entity| entity.length > 0);
    sort(&mut entities);
    let (loose, fixed): (Vec<_>, Vec<_>) =
        entities.into_iter().partition(|entity| entity.kind.is_splittable());
    let (quotes, links): (Vec<_>, Vec<_>) =
        fixed.into_iter().partition(|entity| matches!(entity.kind, Kind::Blockquote { .. }));
    let quotes = first_wins(quotes);
    let mut links = first_wins(links);
    links.retain(|link| crossing(&quotes, link).is_none() && !swallows(&quotes, link));
    let mut all = split(merged(loose), &quotes, &links);
    all.extend(quotes);
    all.extend(links);
    sort(&mut all);
    all
}

fn sort(entities: &mut [Entity]) {
    entities.sort_by_key(order);
}

fn order(entity: &Entity) -> (usize, std::cmp::Reverse<usize>, u8) {
    (entity.offset, std::cmp::Reverse(entity.length), entity.kind.priority())
}

/// Of overlapping entities, sorted, the first stays.
fn first_wins(entities: Vec<Entity>) -> Vec<Entity> {
    let mut kept: Vec<Entity> = Vec::with_capacity(entities.len());
    for entity in entities {
        if kept.last().is_none_or(|last| last.end() <= entity.offset) {
            kept.push(entity);
        }
    }
    kept
}

/// Joins neighbours and overlaps of the same kind.
fn merged(mut entities: Vec<Entity>) -> Vec<Entity> {
    entities.sort_by_key(|entity| (entity.kind.priority(), entity.offset));
    let mut joined: Vec<Entity> = Vec::with_capacity(entities.len());
    for entity in entities {
        match joined.last_mut() {
            Some(last) if last.kind == entity.kind && entity.offset <= last.end() => {
                last.length = last.end().max(entity.end()) - last.offset;
            }
            _ => joined.push(entity),
        }
    }
    joined
}

/// The member of a disjoint, sorted list that has `at` strictly inside.
fn around(fixed: &[Entity], at: usize) -> Option<&Entity> {
    let next = fixed.partition_point(|entity| entity.offset < at);
    fixed.get(next.checked_sub(1)?).filter(|entity| at < entity.end())
}

/// Where `entity` must be cut so that it no longer crosses a border of `fixed`.
fn crossing(fixed: &[Entity], entity: &Entity) -> Option<usize> {
    if let Some(other) = around(fixed, entity.end())
        && entity.offset < other.offset
    {
        return Some(other.offset);
    }
    around(fixed, entity.offset).map(Entity::end).filter(|end| *end < entity.end())
}

/// Whether a link or code reaches over a whole quotation.
fn swallows(quotes: &[Entity], entity: &Entity) -> bool {
    let next = quotes.partition_point(|quote| quote.offset < entity.offset);
    quotes.get(next).is_some_and(|quote| {
        quote.end() <= entity.end()
            && (quote.offset, quote.length) != (entity.offset, entity.length)
    })
}

/// The earliest in the text first.
#[derive(Eq, PartialEq)]
struct Queued(Entity);

impl Ord for Queued {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        order(&other.0).cmp(&order(&self.0))
    }
}

impl PartialOrd for Queued {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Cuts styles until they nest within each other, the quotations and the links.
fn split(loose: Vec<Entity>, quotes: &[Entity], links: &[Entity]) -> Vec<Entity> {
    let mut queue: BinaryHeap<Queued> = loose.into_iter().map(Queued).collect();
    let mut open: Vec<usize> = Vec::new();
    let mut done = Vec::with_capacity(queue.len());
    while let Some(Queued(entity)) = queue.pop() {
        let cut = crossing(quotes, &entity).or_else(|| crossing(links, &entity));
        if let Some(at) = cut {
            queue.extend(halves(&entity, at).map(Queued));
            continue;
        }
        let within =
            around(links, entity.offset).or_else(|| around(links, entity.offset.saturating_add(1)));
        if within.is_some_and(|outer| outer.kind.is_opaque() && entity.end() <= outer.end()) {
            continue;
        }
        if let Some(inner) = opaque_inside(links, &entity) {
            let [before, rest] = halves(&entity, inner.offset);
            let [_, after] = halves(&rest, inner.end());
            queue.extend([before, after].into_iter().filter(|part| part.length > 0).map(Queued));
            continue;
        }
        while open.last().is_some_and(|end| *end <= entity.offset) {
            open.pop();
        }
        match open.last() {
            Some(end) if *end < entity.end() => {
                let end = *end;
                queue.extend(halves(&entity, end).map(Queued));
            }
            _ => {
                open.push(entity.end());
                done.push(entity);
            }
        }
    }
    done
}

/// The first code or block that lies wholly inside.
fn opaque_inside<'a>(links: &'a [Entity], entity: &Entity) -> Option<&'a Entity> {
    let next = links.partition_point(|link| link.offset < entity.offset);
    let inside = links.iter().skip(next).take_while(|link| link.end() <= entity.end());
    inside.into_iter().find(|link| link.kind.is_opaque())
}

fn halves(entity: &Entity, at: usize) -> [Entity; 2] {
    let at = at.clamp(entity.offset, entity.end());
    let first = Entity { length: at - entity.offset, ..entity.clone() };
    let second = Entity { offset: at, length: entity.end() - at, kind: entity.kind.clone() };
    [first, second]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity(offset: usize, length: usize, kind: Kind) -> Entity {
        Entity { offset, length, kind }
    }

    #[track_caller]
    fn check(input: &[(usize, usize, Kind)], expected: &[(usize, usize, Kind)]) {
        let list = |list: &[(usize, usize, Kind)]| -> Vec<Entity> {
            list.iter()
                .map(|(offset, length, kind)| entity(*offset, *length, kind.clone()))
                .collect()
        };
        assert_eq!(tidy(list(input)), list(expected));
    }

    #[test]
    fn crossing_styles_are_cut() {
        check(
            &[(0, 5, Kind::Bold), (3, 5, Kind::Italic)],
            &[(0, 5, Kind::Bold), (3, 2, Kind::Italic), (5, 3, Kind::Italic)],
        );
    }

    #[test]
    fn neighbours_of_one_kind_are_joined() {
        check(&[(0, 2, Kind::Bold), (2, 3, Kind::Bold)], &[(0, 5, Kind::Bold)]);
    }

    #[test]
    fn links_do_not_overlap_and_styles_respect_them() {
        let link = |url: &str| Kind::TextLink { url: url.to_owned() };
        check(
            &[(0, 4, link("a")), (2, 4, link("b")), (2, 6, Kind::Bold)],
            &[(0, 4, link("a")), (2, 2, Kind::Bold), (4, 4, Kind::Bold)],
        );
    }

    #[test]
    fn nothing_stands_inside_code() {
        check(
            &[(0, 9, Kind::Bold), (3, 3, Kind::Code)],
            &[(0, 3, Kind::Bold), (3, 3, Kind::Code), (6, 3, Kind::Bold)],
        );
        check(&[(0, 3, Kind::Code), (1, 1, Kind::Italic)], &[(0, 3, Kind::Code)]);
    }

    #[test]
    fn quotations_do_not_nest() {
        let quote = Kind::Blockquote { expandable: false };
        check(&[(0, 9, quote.clone()), (2, 3, quote.clone())], &[(0, 9, quote)]);
    }
}
