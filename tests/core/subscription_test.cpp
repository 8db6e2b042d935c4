#include "steady/subscription.hpp"

#include <memory>
#include <optional>
#include <vector>

#include "catch.hpp"
#include "handler_list.hpp"

using List = steady::detail::HandlerList<int>;
using steady::Subscription;

TEST_CASE("a handler is called until its subscription is destroyed") {
  const List list;
  int sum = 0;
  {
    const Subscription subscription = list.add([&](int n) { sum += n; });
    list.dispatch(1);
    list.dispatch(2);
  }
  list.dispatch(4);
  CHECK(sum == 3);
  CHECK(list.empty());
}

TEST_CASE("a handler with keep() is called as long as the list exists") {
  const List list;
  int sum = 0;
  list.add([&](int n) { sum += n; }).keep();
  list.dispatch(5);
  CHECK(sum == 5);
}

TEST_CASE("a subscription may outlive the list, and be unsubscribed twice") {
  std::optional<List> list(std::in_place);
  Subscription subscription = list->add([](int) {});
  list.reset();
  subscription.unsubscribe();
  subscription.unsubscribe();
  SUCCEED();
}

TEST_CASE("a subscription assigned to another ends the other") {
  const List list;
  int first = 0;
  int second = 0;
  Subscription subscription = list.add([&](int) { ++first; });
  subscription = list.add([&](int) { ++second; });
  list.dispatch(0);
  CHECK(first == 0);
  CHECK(second == 1);
}

TEST_CASE("a handler may remove itself and others while it runs") {
  const List list;
  std::vector<int> called;
  Subscription first;
  Subscription second;
  first = list.add([&](int) {
    called.push_back(1);
    first.unsubscribe();
    second.unsubscribe();
    called.push_back(11);
  });
  second = list.add([&](int) { called.push_back(2); });
  const Subscription third = list.add([&](int) { called.push_back(3); });
  list.dispatch(0);
  list.dispatch(0);
  CHECK(called == std::vector<int>{1, 11, 3, 3});
}

TEST_CASE("a handler added while another runs receives only later events") {
  const List list;
  std::vector<int> received;
  std::optional<Subscription> late;
  const Subscription first = list.add([&](int n) {
    received.push_back(n);
    if (!late) late = list.add([&](int m) { received.push_back(-m); });
  });
  list.dispatch(1);
  list.dispatch(2);
  CHECK(received == std::vector<int>{1, 2, -2});
}

TEST_CASE("a handler may own subscriptions of its list, including its own") {
  struct Owner {
    Subscription first, second;
  };
  std::optional<List> list(std::in_place);
  const auto make = [&list] {
    const auto owner = std::make_shared<Owner>();
    owner->first = list->add([owner](int) {});
    owner->second = list->add([owner](int) {});
    return std::weak_ptr<Owner>(owner);
  };
  SECTION("when the list is cleared") {
    const auto owner = make();
    list->clear();
    CHECK(owner.expired());
    CHECK(list->empty());
  }
  SECTION("when the list is destroyed") {
    make();
    list.reset();
  }
  SECTION("when one of them ends the other while it runs") {
    const auto owner = make();
    const Subscription third = list->add([&](int) {
      if (const auto alive = owner.lock()) {
        alive->first.unsubscribe();
        alive->second.unsubscribe();
      }
    });
    list->dispatch(0);
    list->dispatch(0);
    CHECK(owner.expired());
  }
}

TEST_CASE("a list cleared by a handler calls no further handlers") {
  const List list;
  int calls = 0;
  const Subscription first = list.add([&](int) {
    ++calls;
    list.clear();
  });
  const Subscription second = list.add([&](int) { ++calls; });
  list.dispatch(0);
  list.dispatch(0);
  CHECK(calls == 1);
}
