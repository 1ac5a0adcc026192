#include "runtime/term/term.h"

#include <algorithm>
#include <memory>
#include <new>

#include "runtime/base/check.h"

namespace glasshouse::runtime {
namespace {

using detail::Cell;
using detail::CellKind;

Term* terms_of(Cell* cell) noexcept {
  return reinterpret_cast<Term*>(cell->bytes());
}

// How many Terms lie in the cell.
std::size_t term_count(const Cell& cell) noexcept {
  switch (cell.kind) {
    case CellKind::tuple:
      return cell.size;
    case CellKind::list:
      return cell.size + 1;
    case CellKind::map:
      return 2 * cell.size;
    default:
      return 0;
  }
}

// Of a big integer the first byte is the sign, the magnitude follows.
std::span<const std::uint8_t> magnitude_of(const Cell& cell) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(cell.bytes()) + 1, cell.size};
}

const Binary& slice_of(const Cell& cell) noexcept {
  return *std::launder(reinterpret_cast<const Binary*>(cell.bytes()));
}

Cell* cell_of_terms(CellKind kind, std::size_t size, Term* terms, std::size_t count) {
  Cell* cell = detail::new_cell(kind, size, count * sizeof(Term));
  std::uninitialized_move_n(terms, count, terms_of(cell));
  return cell;
}

}  // namespace

namespace detail {

Cell* new_cell(CellKind kind, std::uint64_t size, std::size_t content_bytes) {
  void* memory = ::operator new(sizeof(Cell) + content_bytes);
  return new (memory) Cell{.count = 1, .kind = kind, .size = size, .next_dead = nullptr};
}

void destroy_cell(Cell* cell) noexcept {
  // What a dead cell held dies in this loop and not in a recursion: a list of a million nested
  // lists must not need a million stack frames.
  cell->next_dead = nullptr;
  for (Cell* waiting = cell; waiting != nullptr;) {
    Cell* dead = waiting;
    waiting = dead->next_dead;
    if (dead->kind == CellKind::slice) std::destroy_at(&slice_of(*dead));
    if (dead->kind == CellKind::fun) {
      std::destroy_at(std::launder(reinterpret_cast<Fun*>(dead->bytes())));
    }
    Term* terms = terms_of(dead);
    for (std::size_t i = 0, count = term_count(*dead); i < count; ++i) {
      if (!TermAccess::is_counted(terms[i])) continue;
      Cell* child = TermAccess::cell(terms[i]);
      if (!drop(child)) continue;
      child->next_dead = waiting;
      waiting = child;
    }
    ::operator delete(dead);
  }
}

Term make_tuple(Term* elements, std::size_t count) {
  return TermAccess::make(Kind::tuple, cell_of_terms(CellKind::tuple, count, elements, count));
}

Term make_list(Term* elements, std::size_t count) {
  if (count == 0) return nil();
  Cell* cell = new_cell(CellKind::list, count, (count + 1) * sizeof(Term));
  std::uninitialized_move_n(elements, count, terms_of(cell));
  new (terms_of(cell) + count) Term(nil());
  return TermAccess::make(Kind::list, cell);
}

Term make_map(Term* keys_and_values, std::size_t count) {
  std::vector<MapEntry> entries;
  entries.reserve(count / 2);
  for (std::size_t i = 0; i < count; i += 2) {
    entries.push_back({std::move(keys_and_values[i]), std::move(keys_and_values[i + 1])});
  }
  return map_of(std::move(entries));
}

}  // namespace detail

Term binary(std::string_view bytes) {
  return Term(Binary(bytes));
}

Term tuple_of(std::vector<Term> elements) {
  return detail::make_tuple(elements.data(), elements.size());
}

Term list_of(std::vector<Term> elements) {
  return detail::make_list(elements.data(), elements.size());
}

Term list_with_tail(std::vector<Term> elements, const Term& tail) {
  if (elements.empty()) return tail;
  for (const Term& element : tail.as_list())
    elements.push_back(element);
  elements.push_back(tail.is_list() ? tail.tail() : tail);
  return TermAccess::make(Kind::list, cell_of_terms(CellKind::list, elements.size() - 1,
                                                    elements.data(), elements.size()));
}

Term map_of(std::vector<MapEntry> entries) {
  std::stable_sort(entries.begin(), entries.end(), [](const MapEntry& a, const MapEntry& b) {
    return compare_exactly(a.key, b.key) < 0;
  });
  // Equal keys are neighbours now, in the order given: the last of each stays.
  std::size_t kept = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const bool again = i + 1 < entries.size() && entries[i].key == entries[i + 1].key;
    if (again) continue;
    if (kept != i) entries[kept] = std::move(entries[i]);
    ++kept;
  }
  Cell* cell = detail::new_cell(CellKind::map, kept, kept * sizeof(MapEntry));
  auto* place = reinterpret_cast<MapEntry*>(cell->bytes());
  std::uninitialized_move_n(entries.begin(), kept, place);
  return TermAccess::make(Kind::map, cell);
}

Term big_integer(BigIntegerView value) {
  auto magnitude = value.magnitude;
  while (!magnitude.empty() && magnitude.back() == 0)
    magnitude = magnitude.first(magnitude.size() - 1);
  if (magnitude.size() <= 8) {
    std::uint64_t low = 0;
    for (std::size_t i = magnitude.size(); i-- > 0;)
      low = low << 8 | magnitude[i];
    const std::uint64_t limit = (std::uint64_t{1} << 63) - (value.negative ? 0 : 1);
    if (low <= limit) return static_cast<std::int64_t>(value.negative ? 0 - low : low);
  }
  Cell* cell = detail::new_cell(CellKind::big_integer, magnitude.size(), magnitude.size() + 1);
  cell->bytes()[0] = value.negative ? 1 : 0;
  std::copy(magnitude.begin(), magnitude.end(), cell->bytes() + 1);
  return TermAccess::make(Kind::big_integer, cell);
}

Term Term::from_unsigned(std::uint64_t value) {
  std::uint8_t bytes[8];
  for (std::size_t i = 0; i < 8; ++i)
    bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
  return big_integer({.negative = false, .magnitude = bytes});
}

Term::Term(const Binary& bytes) : Term(Kind::binary, std::uint64_t{0}) {
  Cell* block = TermAccess::block(bytes);
  Cell* whole = nullptr;
  if (block == nullptr) {
    whole = detail::new_cell(CellKind::block, 0, 0);
  } else if (bytes.size() == block->size) {
    detail::retain(block);
    whole = block;
  } else {
    whole = detail::new_cell(CellKind::slice, bytes.size(), sizeof(Binary));
    new (whole->bytes()) Binary(bytes);
  }
  body_ = reinterpret_cast<std::uint64_t>(whole);
}

Term::Term(const Fun& fun) : Term(Kind::fun, std::uint64_t{0}) {
  Cell* made = detail::new_cell(CellKind::fun, 0, sizeof(Fun));
  new (made->bytes()) Fun(fun);
  body_ = reinterpret_cast<std::uint64_t>(made);
}

bool Term::is_tuple(Atom tag, std::size_t arity) const noexcept {
  const auto elements = as_tuple();
  return elements.size() == arity && arity > 0 && elements[0].is_atom(tag);
}

bool Term::is_proper_list() const noexcept {
  return is_list() && tail().kind() == Kind::nil;
}

std::optional<std::uint64_t> Term::as_unsigned() const noexcept {
  if (const auto small = as_integer()) {
    if (*small < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*small);
  }
  const auto big = as_big_integer();
  if (!big || big->negative || big->magnitude.size() > 8) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = big->magnitude.size(); i-- > 0;)
    value = value << 8 | big->magnitude[i];
  return value;
}

std::optional<BigIntegerView> Term::as_big_integer() const noexcept {
  if (kind() != Kind::big_integer) return std::nullopt;
  return BigIntegerView{.negative = cell()->bytes()[0] != 0, .magnitude = magnitude_of(*cell())};
}

std::optional<double> Term::as_number() const noexcept {
  if (const auto small = as_integer()) return static_cast<double>(*small);
  const auto big = as_big_integer();
  if (!big) return as_float();
  double value = 0;
  for (std::size_t i = big->magnitude.size(); i-- > 0;)
    value = value * 256 + big->magnitude[i];
  return big->negative ? -value : value;
}

std::optional<Binary> Term::as_binary() const {
  if (!is_binary()) return std::nullopt;
  if (cell()->kind == CellKind::slice) return slice_of(*cell());
  if (cell()->size == 0) return Binary();
  return TermAccess::whole(cell());
}

std::string_view Term::as_bytes() const noexcept {
  if (!is_binary()) return {};
  if (cell()->kind == CellKind::slice) return slice_of(*cell()).view();
  return {cell()->bytes(), cell()->size};
}

std::span<const Term> Term::as_tuple() const noexcept {
  if (!is_tuple()) return {};
  return {terms_of(cell()), cell()->size};
}

std::span<const Term> Term::as_list() const noexcept {
  if (kind() != Kind::list) return {};
  return {terms_of(cell()), cell()->size};
}

std::span<const MapEntry> Term::as_map() const noexcept {
  if (!is_map()) return {};
  return {reinterpret_cast<const MapEntry*>(cell()->bytes()), cell()->size};
}

const Fun* Term::as_fun() const noexcept {
  if (!is_fun()) return nullptr;
  return std::launder(reinterpret_cast<const Fun*>(cell()->bytes()));
}

const Term& Term::element(std::size_t n) const {
  const auto elements = is_tuple() ? as_tuple() : as_list();
  CHECK(n < elements.size());
  return elements[n];
}

const Term& Term::tail() const noexcept {
  static constexpr Term end = nil();
  return kind() == Kind::list ? terms_of(cell())[cell()->size] : end;
}

const Term* Term::find(const Term& key) const noexcept {
  const auto entries = as_map();
  const auto found = std::lower_bound(entries.begin(), entries.end(), key,
                                      [](const MapEntry& entry, const Term& wanted) {
                                        return compare_exactly(entry.key, wanted) < 0;
                                      });
  return found != entries.end() && found->key == key ? &found->value : nullptr;
}

std::size_t Term::size() const noexcept {
  switch (kind()) {
    case Kind::binary:
    case Kind::tuple:
    case Kind::list:
    case Kind::map:
      return cell()->size;
    default:
      return 0;
  }
}

}  // namespace glasshouse::runtime
