#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

class Game {
 public:
  void say(std::string text);
  void move(const std::string& player, double x, double y);
  void on_heard(std::function<void(const std::string&)> heard) { heard_ = std::move(heard); }
  const std::vector<std::string>& chat() const { return chat_; }

 private:
  std::vector<std::string> chat_;
  std::map<std::string, std::pair<double, double>> positions_;
  std::function<void(const std::string&)> heard_;
};

Game& game();

// What the two programs do differently: alone.cpp and connected.cpp.
void connect();
void frame();
